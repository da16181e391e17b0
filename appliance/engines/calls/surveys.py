"""After the talk the caller says how it was: 1, 2 or 3 (满意度评价).

Theory of operation. The agent's leg is gone (he hung up, or keyed in the code) and the caller's is
kept: his talk and its recording are over, the agent is free, and the box asks. No key within
SILENCE_SECONDS, or a wrong one: asked once more, then it ends. Whoever is not content is asked why,
after a tone, in a recording of its own. The score belongs to who talked with him last.

    ASK → a key → (REASON → TONE → SPEAKING) → thanks, or back to the flow that had it asked

Nobody is asked after a talk that was too short, nor twice within some hours, nor after he was
handed on to a number outside, nor where the phone was lost rather than hung up. An agent who hands
him over by the code is not second-guessed.
"""

from appliance.engines.calls import clocks, flows, seating, supervision, talk, transfer
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import (
    CallState,
    LegState,
    Place,
    Purpose,
    Stage,
)
from appliance.engines.calls.survey_state import SurveyState, SurveyStep
from appliance.vocabulary.audio import Channel, Silence, Track
from appliance.vocabulary.commands import TellTransfer, TransferStage
from appliance.vocabulary.facts_customers import (
    ReasonSpoken,
    SurveyAsked,
    SurveyScored,
    SurveySkipped,
    SurveyUnanswered,
)
from appliance.vocabulary.ids import LegId, RecordingId, SurveyId
from appliance.vocabulary.journal import Direction, RecordingOpened, Side
from appliance.vocabulary.lines import Cause, PhoneLine
from appliance.vocabulary.settings import Survey
from appliance.vocabulary.speech import PhraseKey, Utterance

SILENCE_SECONDS = 5.0
MOST_TIMES = 2
"""How often the question is put."""
GUARD_SECONDS = 60.0
"""No sentence of it lasts so long: its end was lost with a media worker."""
BEEP_MS = 400
SCORES = ("1", "2", "3")


# --- whether ---
def agent_left(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> bool:
    """An agent hung up on a caller from outside: ask how it was. False: the call ends."""
    survey = _survey_of(exchange, call)
    if survey is None or cause is not Cause.NORMAL or not _is_served_by(call, leg):
        return False
    reason = _hindrance(exchange, call, leg, survey)
    if reason:
        exchange.write(call, SurveySkipped(survey=survey.id, reason=reason), leg.leg)
        return False
    return _begin(exchange, call, leg, survey, why="hung_up")


def handed_on(
    exchange: Exchange, call: CallState, leg: LegState, *, asker: LegId | None = None
) -> Cause | None:
    """The agent wants the caller asked, by the code or by handing him on to it; or why not."""
    survey = _survey_of(exchange, call) or next(iter(exchange.site.survey), None)
    if survey is None or transfer.other_party(call, leg) is None or not _is_served_by(call, leg):
        return Cause.FORBIDDEN
    if asker is not None:  # before its leg goes: a hang-up would answer the REFER, with a failure
        exchange.do(TellTransfer(leg=asker, stage=TransferStage.TRYING))
        exchange.do(TellTransfer(leg=asker, stage=TransferStage.DONE))
    _begin(exchange, call, leg, survey, why="handed_on")
    return None


def by_code(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The agent keyed in the code within the talk."""
    handed_on(exchange, call, leg)


def _survey_of(exchange: Exchange, call: CallState) -> Survey | None:
    queue = exchange.queues.get(call.queue) if call.queue is not None else None
    return None if queue is None else _named(exchange, queue.survey)


def _named(exchange: Exchange, name: SurveyId | None) -> Survey | None:
    return next((one for one in exchange.site.survey if one.id == name), None)


def _is_served_by(call: CallState, leg: LegState) -> bool:
    """Two talk: this agent of ours, and a caller from outside; he was not asked yet."""
    customer = call.customer
    if call.stage is not Stage.TALKING or call.direction is not Direction.INBOUND:
        return False
    if call.was_surveyed or call.consult is not None or call.visit is None or leg.agent is None:
        return False
    if customer is None or customer is leg or customer is not call.caller_leg:
        return False
    return not isinstance(customer.line, PhoneLine) and leg in call.talking


def _hindrance(exchange: Exchange, call: CallState, leg: LegState, survey: Survey) -> str:
    clock = next((one for one in call.talks if one.server == leg.leg), None)
    talked = 0.0
    if clock is not None:
        talked = exchange.now - clock.since - clocks.hold_of(clock, exchange.now)
    if talked < survey.min_talk_seconds:
        return "short_talk"
    lately = exchange.customers.surveys.is_recent(
        call.caller.number, survey.not_again_hours, exchange.utc()
    )
    return "asked_lately" if lately else ""


# --- asking ---
def _begin(exchange: Exchange, call: CallState, leg: LegState, survey: Survey, *, why: str) -> bool:
    customer = call.customer
    if customer is None:
        return False
    _note_asked(exchange, call, survey)
    exchange.write(
        call,
        SurveyAsked(
            survey=survey.id,
            agent=leg.agent,
            extension=leg.extension,
            queue=call.queue,
            why=why,
        ),
        leg.leg,
    )
    call.survey = SurveyState(
        survey=survey.id, agent=leg.agent, extension=leg.extension, queue=call.queue
    )
    supervision.end_all(exchange, call)
    seating.remove(exchange, call, leg, Cause.NORMAL, tell=why == "handed_on")
    talk.end_talk(exchange, call)
    exchange.stop_track(call, customer)
    talk.close_recording(exchange, call)
    call.is_held_by_box = False
    customer.place = Place.APART
    _ask(exchange, call, call.survey)
    return True


def from_flow(exchange: Exchange, call: CallState, name: SurveyId) -> None:
    """A flow wants the caller asked, and goes on afterwards."""
    survey = _named(exchange, name)
    if survey is None:
        flows.extension_missed(exchange, call)
        return
    _note_asked(exchange, call, survey)
    agent, extension = call.served_by, call.served_at
    exchange.write(
        call,
        SurveyAsked(survey=name, agent=agent, extension=extension, queue=call.queue, why="flow"),
    )
    call.survey = SurveyState(
        survey=name, agent=agent, extension=extension, queue=call.queue, is_of_flow=True
    )
    _ask(exchange, call, call.survey)


def _note_asked(exchange: Exchange, call: CallState, survey: Survey) -> None:
    call.was_surveyed = True
    longest = max((one.not_again_hours for one in exchange.site.survey), default=0.0)
    exchange.customers.surveys.prune(longest, exchange.utc())
    exchange.customers.surveys.note(call.caller.number, exchange.utc())
    exchange.touch(call)


def _ask(exchange: Exchange, call: CallState, state: SurveyState) -> None:
    state.step = SurveyStep.ASK
    state.tries += 1
    call.stage = Stage.SURVEY
    if not _say(exchange, call, PhraseKey.SURVEY_ASK):
        exchange.write(call, SurveySkipped(survey=state.survey, reason="no_words"))
        _over(exchange, call, state)


def _say(exchange: Exchange, call: CallState, key: PhraseKey) -> bool:
    """One of the survey's sentences: the site's own, else the box's."""
    state = call.survey
    survey = _named(exchange, state.survey) if state is not None else None
    own = {
        PhraseKey.SURVEY_ASK: survey.text if survey is not None else "",
        PhraseKey.SURVEY_REASON: survey.reason_text if survey is not None else "",
    }[key]
    exchange.set_timer(call, "survey", GUARD_SECONDS)
    spoken = Utterance(language=call.language, phrase=key)
    if own.strip():
        spoken = Utterance(language=exchange.language, text=own)
    return exchange.play(call, Purpose.SURVEY, (spoken,), stop_on_digit=key is PhraseKey.SURVEY_ASK)


# --- what happens ---
def said(exchange: Exchange, call: CallState) -> None:
    """A sentence or the tone is over."""
    state = call.survey
    if state is None or call.stage is not Stage.SURVEY:
        return
    match state.step:
        case SurveyStep.ASK:
            exchange.set_timer(call, "survey", SILENCE_SECONDS)
        case SurveyStep.REASON:
            _tone(exchange, call, state)
        case SurveyStep.TONE:
            _speak(exchange, call, state)
        case SurveyStep.SPEAKING:
            pass


def digit(exchange: Exchange, call: CallState, pressed: str) -> None:
    """A key of the caller."""
    state = call.survey
    if state is None:
        return
    if state.step is SurveyStep.SPEAKING:
        if pressed == "#":
            _over(exchange, call, state)
    elif state.step is SurveyStep.ASK and pressed in SCORES:
        _scored(exchange, call, state, int(pressed))
    elif state.step is SurveyStep.ASK:
        _again(exchange, call, state)


def time_over(exchange: Exchange, call: CallState) -> None:
    """No key came, what was spoken is long enough, or a sentence's end was lost."""
    state = call.survey
    if state is None:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)
    elif state.step is SurveyStep.ASK:
        _again(exchange, call, state)
    elif state.step is SurveyStep.SPEAKING:
        _over(exchange, call, state)
    else:
        _speak(exchange, call, state)


def _again(exchange: Exchange, call: CallState, state: SurveyState) -> None:
    if state.tries < MOST_TIMES:
        _ask(exchange, call, state)
        return
    exchange.write(call, SurveyUnanswered(survey=state.survey))
    _over(exchange, call, state)


def _scored(exchange: Exchange, call: CallState, state: SurveyState, score: int) -> None:
    state.score = score
    exchange.write(
        call,
        SurveyScored(
            survey=state.survey,
            score=score,
            agent=state.agent,
            extension=state.extension,
            queue=state.queue,
        ),
    )
    survey = _named(exchange, state.survey)
    if survey is not None and 0 < survey.reason_from <= score:
        state.step = SurveyStep.REASON
        if not _say(exchange, call, PhraseKey.SURVEY_REASON):
            _tone(exchange, call, state)
        return
    _over(exchange, call, state)


def _tone(exchange: Exchange, call: CallState, state: SurveyState) -> None:
    state.step = SurveyStep.TONE
    exchange.set_timer(call, "survey", GUARD_SECONDS)
    exchange.play_tone(call, Purpose.SURVEY, "beep", BEEP_MS)


def _speak(exchange: Exchange, call: CallState, state: SurveyState) -> None:
    """The tone is over: what he says now is kept."""
    caller, survey = call.caller_leg, _named(exchange, state.survey)
    if caller is None:
        return
    state.step = SurveyStep.SPEAKING
    call.playing = None
    call.recording = RecordingId(exchange.new_name("r"))
    exchange.write(call, ReasonSpoken(survey=state.survey, recording=call.recording))
    exchange.write(call, RecordingOpened(recording=call.recording, is_message=True))
    exchange.set_audio(
        call,
        caller,
        hears=Silence(),
        track=Track(recording=call.recording, channel=Channel.CALLER),
    )
    exchange.set_timer(
        call, "survey", survey.reason_seconds if survey is not None else SILENCE_SECONDS
    )


def _over(exchange: Exchange, call: CallState, state: SurveyState) -> None:
    """Thanks, and the end; or on in the flow."""
    caller, survey = call.caller_leg, _named(exchange, state.survey)
    call.survey = None
    call.due.pop("survey", None)
    if call.recording is not None and caller is not None:
        exchange.stop_track(call, caller)
        talk.close_recording(exchange, call)
    exchange.touch(call)
    if state.is_of_flow:
        exchange.stop_playing(call)
        flows.extension_missed(exchange, call)
        return
    if not state.score:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)
        return
    if survey is not None and survey.thanks.strip():
        call.stage = Stage.CLOSING
        exchange.set_timer(call, "last_words", talk.GUARD_SECONDS)
        words = Utterance(language=exchange.language, text=survey.thanks)
        if exchange.play(call, Purpose.LAST_WORDS, (words,)):
            return
    talk.say_goodbye(exchange, call, PhraseKey.SURVEY_THANKS)
