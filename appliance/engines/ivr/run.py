"""One running flow of one call: a pure machine over plain, snapshottable state.

Theory of operation
-------------------
The caller is at one node at a time. Four things happen to him: a key, the end of what plays, the
end of a wait, a phone that was not answered. Each is given to his node, which answers through
the run (nodes/node.py, Turn): say, listen, go, leave. Going is a loop here, not a recursion:
hours → play → menu is one turn of one event.

Nothing can leave the caller in silence. Every node ends in something that plays, waits with a
time limit, or hands him on; a play that never ends is given up after PLAY_GUARD_SECONDS; a
caller who is sent round without pressing a key goes to the flow's default after MOST_NODES.
"""

from appliance.engines.ivr.calendar import is_holiday, is_open
from appliance.engines.ivr.commands import (
    AskOutside,
    DigitUsed,
    EndFlow,
    EnterNode,
    IvrCommand,
    LookupOver,
    PlayRecorded,
    PlayTone,
    PlayUtterances,
    StopPlaying,
)
from appliance.engines.ivr.facts import CallFacts, LocalTime, Return, RunState
from appliance.engines.ivr.names import Named, named
from appliance.engines.ivr.nodes import nodes_of
from appliance.engines.ivr.nodes.node import Node
from appliance.engines.ivr.nodes.queue import QueueNode
from appliance.engines.ivr.order import callers_order
from appliance.engines.ivr.values import filled, value_of
from appliance.vocabulary.ids import ExtensionNumber, FlowId, Instant, NodeName, Seconds
from appliance.vocabulary.lookups import Answer, Asked, Question
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import PhraseKey, Utterance

__all__ = ["CallFacts", "FlowRun", "LocalTime", "RunState"]

PLAY_GUARD_SECONDS = 300.0
"""No prompt of a flow is this long: its end got lost."""

BEEP_MS = 400
FILE_SECONDS = 15.0
"""Until what was recorded is a file that can be heard; a second or two on a box at ease."""

MOST_SUBFLOWS = 8
"""Flows within flows. check_flow lets no flow call itself; a site changed meanwhile might."""

MOST_NODES = 50
"""Nodes entered without a key in between. check_flow lets no such round pass; a calendar that
changes in mid-flow, or a menu that leads to itself by silence, might still make one."""


class FlowRun:
    """A flow at work. Keep `state` in the call's slot; make the run anew from it after a restart.

        run = FlowRun(site=site, local_time=…, state=RunState(flow=…, language=…, facts=…))
        commands = run.start(now)

    A run keeps the site it was made with: a site that changes does not touch running calls.
    Once `is_over`, every door returns [].
    """

    def __init__(self, *, site: Site, local_time: LocalTime, state: RunState) -> None:
        self.state = state
        self.now = Instant(0.0)
        self._site = site
        self._local_time = local_time
        self._out: list[IvrCommand] = []
        self._next: tuple[NodeName, str] | None = None
        self._open(state.flow)

    def _open(self, flow: FlowId) -> None:
        """Be in this flow; one that the site does not have is empty."""
        self.state.flow = flow
        self._flow = next((one for one in self._site.flow if one.id == flow), None)
        self._nodes = {} if self._flow is None else nodes_of(self._flow)

    # --- doors ----------------------------------------------------------------------------------
    def start(self, now: Instant) -> list[IvrCommand]:
        """Enter the flow's first node."""
        self.now = now
        self.go(NodeName("") if self._flow is None else self._flow.start, "start")
        return self._turned()

    def digit(self, digit: str, now: Instant) -> list[IvrCommand]:
        """The caller pressed a key."""
        node = self._here(now)
        if node is not None:
            self.state.nodes_since_key = 0
            node.digit(digit, self)
        return self._turned()

    def play_ended(self, play: int, now: Instant) -> list[IvrCommand]:
        """What PlayUtterances(play) asked for is over, or stopped by a key.

        The end of an older play is ignored.
        """
        self.now = now
        if self.state.is_playing and play == self.state.plays:
            self._play_over(now)
        return self._turned()

    def unplayable(self, play: int, now: Instant) -> list[IvrCommand]:
        """Nothing of what PlayUtterances(play) asked for can be played on this box."""
        self.now = now
        if self.state.is_playing and play == self.state.plays:
            self._play_over(now, was_heard=False)
        return self._turned()

    def extension_missed(self, now: Instant) -> list[IvrCommand]:
        """The phone of RingExtension was not answered."""
        node = self._here(now)
        if node is not None and not self.state.is_playing:
            node.extension_missed(self)
        return self._turned()

    def looked_up(self, number: int, answer: Answer, now: Instant) -> list[IvrCommand]:
        """The answer to AskOutside(number). That to an older question is ignored."""
        node = self._here(now)
        asked = self.state.asked
        if node is not None and asked is not None and asked.number == number:
            self.conclude(answer)
            node.looked_up(self)
        return self._turned()

    def quiet(self, now: Instant) -> list[IvrCommand]:
        """The caller who is recorded has said nothing for a while."""
        node = self._here(now)
        if node is not None:
            node.quiet(self)
        return self._turned()

    def wake_at(self) -> Instant | None:
        """When `wake` wants to be called next."""
        return None if self.state.is_over else self.state.due

    def wake(self, now: Instant) -> list[IvrCommand]:
        """Do what is due: a silence is over, or a play that never ended is given up."""
        self.now = now
        if self.state.is_over or self.state.due is None or self.state.due > now:
            return []
        self.state.due = None
        if self.state.is_playing:
            self._out.append(StopPlaying())
            self._play_over(now)
        elif (node := self._here(now)) is not None:
            node.timeout(self)
        return self._turned()

    @property
    def is_over(self) -> bool:
        """True after EnterQueue, GoToVoicemail or EndFlow."""
        return self.state.is_over

    # --- what nodes do (nodes.node.Turn) ----------------------------------------------------------
    def say(
        self, utterances: list[Utterance], *, stop_on_digit: bool = True, is_notice: bool = False
    ) -> None:
        """Play these to the caller; play_ended follows."""
        self._begin_play(PLAY_GUARD_SECONDS)
        self._out.append(
            PlayUtterances(
                play=self.state.plays,
                node=self.state.node,
                utterances=tuple(utterances),
                stop_on_digit=stop_on_digit,
                is_notice=is_notice,
            )
        )

    def beep(self) -> None:
        """Play a beep; play_ended follows."""
        self._begin_play(PLAY_GUARD_SECONDS)
        self._out.append(PlayTone(play=self.state.plays, milliseconds=BEEP_MS))

    def hear_recorded(self, seconds: float) -> None:
        """Let the caller hear what was recorded, so long at most; play_ended follows."""
        self._begin_play(seconds + FILE_SECONDS)
        self._out.append(PlayRecorded(play=self.state.plays))

    def _begin_play(self, longest: float) -> None:
        self.state.plays += 1
        self.state.is_playing = True
        self.state.due = Instant(self.now + longest)

    def stop(self) -> None:
        """Stop what plays, if anything does; forget the wait."""
        if self.state.is_playing:
            self._out.append(StopPlaying())
        self.state.is_playing = False
        self.state.due = None

    def listen(self, seconds: float) -> None:
        """Wait for a key for so long; then comes timeout."""
        self.state.due = Instant(self.now + seconds)

    def go(self, node: NodeName, why: str) -> None:
        """Go to another node when this one is done with the event."""
        self._next = (node, why)

    def use(self, digit: str, leads_to: str) -> None:
        """Journal a key; leads_to "" is a wrong one."""
        self._out.append(DigitUsed(node=self.state.node, digit=digit, leads_to=leads_to))

    def ask(self, question: Question, within: float) -> None:
        """Have this found out; looked_up follows, or the node's patience ends."""
        self.state.asks += 1
        self.state.answer = None
        self.state.asked = Asked(
            number=self.state.asks,
            question=question,
            node=self.state.node,
            since=self.now,
            until=Instant(self.now + within),
        )
        self._out.append(
            AskOutside(number=self.state.asks, question=question, within=Seconds(within))
        )

    def conclude(self, answer: Answer) -> None:
        """This came of the question, in time or not; it is asked no more."""
        asked, self.state.asked = self.state.asked, None
        self.state.answer = answer
        if asked is not None:
            self._out.append(
                LookupOver(
                    node=asked.node,
                    question=asked.question,
                    result=answer.result,
                    text=answer.text,
                    seconds=Seconds(self.now - asked.since),
                )
            )

    def do(self, command: IvrCommand) -> None:
        """Ask call control for something and stay in this node."""
        self._out.append(command)

    def leave(self, command: IvrCommand) -> None:
        """The flow's work is done: this command is its last."""
        self._out.append(command)
        self.state.is_over, self.state.is_playing, self.state.due = True, False, None
        self._next = None

    def call_flow(self, flow: FlowId, then: NodeName) -> None:
        """Go to the start of another flow; its `return` leads to `then` of this one."""
        if len(self.state.returns) >= MOST_SUBFLOWS:
            self.fall_back("too_deep")
            return
        self.state.returns.append(Return(flow=self.state.flow, node=then))
        self._open(flow)
        self.go(NodeName("") if self._flow is None else self._flow.start, "subflow")

    def come_back(self) -> None:
        """Go back to the flow that called this one; where none did, the default."""
        if not self.state.returns:
            self.fall_back("nowhere_to_return")
            return
        back = self.state.returns.pop()
        self._open(back.flow)
        self.go(back.node, "return")

    def fall_back(self, why: str) -> None:
        """No way on: the flow's first queue, else that of the flow that called it, else a
        goodbye. Never silence."""
        while True:
            first_queue = self._first_queue()
            if first_queue is not None and first_queue != self.state.node:
                self.go(first_queue, why)
                return
            if not self.state.returns:
                self._say_goodbye()
                return
            self._open(self.state.returns.pop().flow)

    def value_of(self, name: str) -> str:
        """What is known under this name; "" for nothing."""
        if name == "holiday":
            first = next(iter(self._site.calendar), None)
            return "yes" if first is not None and self.is_holiday(first.id) else "no"
        return value_of(self.state, self._site, name)

    def keep(self, name: str, value: str, *, is_private: bool, is_keyed: bool = False) -> None:
        """Give a variable a value."""
        self.state.variables[name] = value
        if name in self.state.keyed:
            self.state.keyed.remove(name)
        if is_keyed:
            self.state.keyed.append(name)
        if is_private and name not in self.state.private:
            self.state.private.append(name)
        elif not is_private and name in self.state.private:
            self.state.private.remove(name)

    def filled(self, template: str) -> str:
        """The template with the value of each {name} in its place."""
        return filled(template, self.value_of)

    def is_number(self, number: ExtensionNumber) -> bool:
        """Whether a phone or a ring group of this site has this number."""
        numbers = [phone.number for phone in self._site.extension]
        return number in numbers or number in [group.number for group in self._site.ring_group]

    def named(self, keyed: str) -> list[Named]:
        """Whom of this site these keys may mean."""
        return named(self._site, keyed)

    def utterance(self, text: str, language: Language | None) -> Utterance:
        """The site's own text: in the node's language, else in the flow's, else in the site's."""
        flows_own = None if self._flow is None else self._flow.language
        return Utterance(language=language or flows_own or self._site.site.language, text=text)

    def phrase(self, key: PhraseKey, language: Language | None) -> Utterance:
        """A sentence of the box."""
        return Utterance(language=language or self.state.language, phrase=key)

    def is_holiday(self, calendar: str) -> bool:
        """Whether the calendar is closed for this whole day; False for one that is not there."""
        found = next((c for c in self._site.calendar if c.id == calendar), None)
        return found is not None and is_holiday(found, self._local_time(self.now))

    def is_open(self, calendar: str) -> bool:
        """What the calendar says now; True for one that the site does not have (somebody
        answers, or the queue's own limits take over: better than a shop that is shut)."""
        found = next((c for c in self._site.calendar if c.id == calendar), None)
        return found is None or is_open(found, self._local_time(self.now))

    def _first_queue(self) -> NodeName | None:
        start = NodeName("") if self._flow is None else self._flow.start
        order = callers_order(start, self._nodes)
        return next((name for name in order if isinstance(self._nodes[name], QueueNode)), None)

    # --- inside ---------------------------------------------------------------------------------
    def _here(self, now: Instant) -> Node | None:
        """The caller's node; None when there is nothing to decide any more.

        After a restart the site may be a newer one: a caller whose node is no more falls back.
        """
        self.now = now
        if self.state.is_over or self.state.is_saying_goodbye:
            return None
        node = self._nodes.get(self.state.node)
        if node is None:
            self.stop()
            self.fall_back("node_removed")
        return node

    def _play_over(self, now: Instant, *, was_heard: bool = True) -> None:
        self.state.is_playing, self.state.due = False, None
        if self.state.is_saying_goodbye:
            self.leave(EndFlow(reason="closed" if self.state.is_closed else "default"))
        elif (node := self._here(now)) is not None:
            (node.play_ended if was_heard else node.unsayable)(self)

    def _say_goodbye(self) -> None:
        self.state.is_saying_goodbye = True
        self.say([self.phrase(PhraseKey.GOODBYE, None)], stop_on_digit=False)

    def _turned(self) -> list[IvrCommand]:
        """Enter node after node until one waits; return all commands of this event."""
        while self._next is not None and not self.state.is_over:
            (name, why), self._next = self._next, None
            self._enter(name, why)
        out, self._out = self._out, []
        return out

    def _enter(self, name: NodeName, why: str) -> None:
        self.state.nodes_since_key += 1
        node = self._nodes.get(name)
        if node is None:
            self.fall_back("node_missing")
            return
        if self.state.nodes_since_key > MOST_NODES and not isinstance(node, QueueNode):
            self.fall_back("round_and_round")
            return
        self.state.node, self.state.tries, self.state.due = name, 0, None
        self.state.asked = self.state.answer = None
        self._out.append(EnterNode(flow=self.state.flow, node=name, kind=node.kind, why=why))
        node.enter(self)
