"""A carrier and a box joined by a Link, and lines that answer by themselves."""

from collections.abc import Iterator

from link import Box, Link

from appliance.protocols.sip.directory import TrunkRoute, TrunkTarget
from appliance.protocols.sip.events import DialogId, InviteArrived, SipEvent
from appliance.vocabulary.ids import Instant

OFFER, ANSWER = b"v=0\r\nthe offer\r\n", b"v=0\r\nthe answer\r\n"


class Pair:
    """`caller` dials through a trunk that is `called`; both trust each other."""

    def __init__(self, loss: Iterator[bool] | None = None) -> None:
        self.caller, self.called = Box("127.0.0.2"), Box("127.0.0.3")
        self.caller.directory.routes["carrier"] = TrunkRoute(address="127.0.0.3")
        self.caller.directory.trusted["127.0.0.3"] = "carrier"
        self.called.directory.trusted["127.0.0.2"] = "shop"
        self.link = Link(self.caller, self.called, loss=loss)
        self.dialled: list[DialogId] = []

    def dial(self, sdp: bytes = OFFER) -> DialogId:
        """The caller's INVITE."""
        dialog = self.caller.agent.invite(
            TrunkTarget(trunk="carrier"),
            sdp=sdp,
            from_user="8001",
            from_name="王芳",
            to_user="02188886666",
            now=self.link.now,
        )
        self.dialled.append(dialog)
        return dialog

    def arrived(self) -> DialogId:
        """The latest call that rang at the called side."""
        (*_, event) = self.called.told(InviteArrived)
        assert isinstance(event, InviteArrived)
        return event.dialog

    def answers_at_once(self) -> None:
        """Let the called side ring and answer whatever comes."""

        def on_event(event: SipEvent, now: Instant) -> None:
            if isinstance(event, InviteArrived):
                self.called.agent.ring(event.dialog, now)
                self.called.agent.answer(event.dialog, ANSWER, now)

        self.called.on_event = on_event

    def talking(self) -> tuple[DialogId, DialogId]:
        """Dial, ring, answer; return both sides' dialogs."""
        near = self.dial()
        self.link.run(1)
        far = self.arrived()
        self.called.agent.ring(far, self.link.now)
        self.called.agent.answer(far, ANSWER, self.link.now)
        self.link.run(1)
        return near, far

    def all_arrived(self) -> list[DialogId]:
        """Every call that rang at the called side."""
        events = self.called.told(InviteArrived)
        return [event.dialog for event in events if isinstance(event, InviteArrived)]

    def give_up(self) -> None:
        """Both lines hang up whatever is still open, as call control does in the end."""
        for dialog in self.dialled:
            self.caller.agent.hang_up(dialog, self.link.now)
        # an INVITE that was lost until now may ring yet, and its caller be gone when it does
        for seconds in (40, 140):
            for dialog in self.all_arrived():
                self.called.agent.hang_up(dialog, self.link.now)
            self.link.run(seconds)

    def is_empty(self) -> bool:
        """Nothing is left of any call on either side."""
        return not self.caller.slots and not self.called.slots
