"""What a queue says: place and expected wait, comfort while somebody waits, a whisper to the agent.

One sentence at a time: what comes while another is being said waits, or is said the next time.
Only what was rendered is said; of a wait, only what is known.
"""

from appliance.engines.acd.commands import TellPosition
from appliance.engines.calls import callback_asking
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegState, Played, Purpose, Stage
from appliance.vocabulary.audio import Playlist
from appliance.vocabulary.ids import PlayId, PromptHash
from appliance.vocabulary.journal import PositionTold
from appliance.vocabulary.settings import Queue
from appliance.vocabulary.speech import PhraseKey, Utterance
from appliance.vocabulary.waits import minutes_said

AGAIN_SECONDS = 5.0
"""A comfort message that found another sentence being said is tried again so much later."""


def begin(exchange: Exchange, call: CallState) -> None:
    """The wait begins: the first comfort message comes after its time."""
    call.comforts = 0
    queue = _queue_of(exchange, call)
    if queue is not None and _comforts(exchange, queue):
        exchange.set_timer(call, "comfort", queue.comfort_seconds)
    if queue is not None and queue.callback is not None:
        exchange.set_timer(call, "offer", queue.callback.offer_after_seconds)


def position(exchange: Exchange, call: CallState, told: TellPosition) -> None:
    """Tell the waiting caller his place and, if it is known, how long he will probably wait."""
    if call.asking is not None:
        return
    if call.playing is not None and call.playing.purpose is Purpose.COMFORT:
        return  # the floor says it again soon
    place = Utterance(
        language=call.language, phrase=PhraseKey.POSITION, values={"n": str(told.position)}
    )
    sentences, wait = [place], told.wait
    if wait is not None:
        expected = Utterance(
            language=call.language,
            phrase=PhraseKey.EXPECTED_WAIT,
            values={"n": minutes_said(wait)},
        )
        sentences.append(expected)
        if exchange.prompts.find(expected) is None:
            wait = None
    if exchange.play(call, Purpose.POSITION, sentences):
        exchange.write(call, PositionTold(visit=told.visit, position=told.position, wait=wait))


def comfort(exchange: Exchange, call: CallState) -> None:
    """The next comfort message of the queue, in turn."""
    queue = _queue_of(exchange, call)
    spoken = () if queue is None else _comforts(exchange, queue)
    if queue is None or not spoken or call.stage is not Stage.QUEUED:
        return
    if call.asking is not None or _is_told_something(call):
        exchange.set_timer(call, "comfort", AGAIN_SECONDS)
        return
    chosen = spoken[call.comforts % len(spoken)]
    call.comforts += 1
    exchange.set_timer(call, "comfort", queue.comfort_seconds)
    sentences = [chosen, *_offer(exchange, call, queue)]
    exchange.play(call, Purpose.COMFORT, sentences)


def offer(exchange: Exchange, call: CallState) -> None:
    """Tell the waiting caller that he may be called back instead; later also with the comfort."""
    queue = _queue_of(exchange, call)
    if queue is None or call.stage is not Stage.QUEUED or call.asking is not None:
        return
    if _is_told_something(call):
        exchange.set_timer(call, "offer", AGAIN_SECONDS)
        return
    if sentences := _offer(exchange, call, queue):
        exchange.play(call, Purpose.COMFORT, sentences)


def _offer(exchange: Exchange, call: CallState, queue: Queue) -> list[Utterance]:
    if queue.callback is None or not callback_asking.is_offered(exchange, call):
        return []
    key = {"key": queue.callback.key}
    return [Utterance(language=call.language, phrase=PhraseKey.CALLBACK_OFFER, values=key)]


def _is_told_something(call: CallState) -> bool:
    return call.playing is not None and call.playing.purpose is not Purpose.MUSIC


def whisper(exchange: Exchange, call: CallState, leg: LegState) -> bool:
    """Tell the agent which queue's caller comes, and how long he has waited; the caller hears his
    music on. False: there is nothing to be said."""
    queue = _queue_of(exchange, call)
    if queue is None or call.queued_at is None or not (queue.whisper or queue.whisper_prompt):
        return False
    waited = minutes_said(exchange.now - call.queued_at)
    language = exchange.language
    sentences = (
        Utterance(language=language, text=queue.whisper, prompt=queue.whisper_prompt),
        Utterance(language=language, phrase=PhraseKey.WAITED, values={"n": waited}),
    )
    found = tuple(one for one in map(exchange.prompts.find, sentences) if one is not None)
    if not found:
        return False
    _play_to(exchange, call, leg, found)
    return True


def _comforts(exchange: Exchange, queue: Queue) -> tuple[Utterance, ...]:
    language = exchange.language
    return (
        *(Utterance(language=language, text=text) for text in queue.comfort),
        *(Utterance(language=language, prompt=name) for name in queue.comfort_prompts),
    )


def _play_to(
    exchange: Exchange, call: CallState, leg: LegState, prompts: tuple[PromptHash, ...]
) -> None:
    play = PlayId(f"{call.call}.{call.plays}")
    call.plays += 1
    call.playing = Played(play=play, purpose=Purpose.WHISPER)
    exchange.set_audio(call, leg, hears=Playlist(play=play, prompts=prompts, since=exchange.now))


def _queue_of(exchange: Exchange, call: CallState) -> Queue | None:
    return exchange.queues.get(call.queue) if call.visit_open and call.queue is not None else None
