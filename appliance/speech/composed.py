"""Agent announcements and values put together from clips, for a box that has no model.

Single digits alone are understood badly, pairs well (measured: a third of single digits wrong,
one syllable in twelve of pairs). So a number is cut into pairs; an odd first digit is said with
the sentence's last word before the number. Worked examples, zh "1001": head "工号", pairs "幺零"
and "零幺", tail "为您服务"; en "801": opening "You are speaking with agent", "number eight", "01".
"""

from collections.abc import Iterable

from appliance.speech import say
from appliance.speech.phrases import AGENT_PHRASES
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.speech import Utterance

GAP_MS = 40
"""Silence between clips; 25 to 75 ms sounds like one sentence."""
_GAP = b"\xd5" * (GAP_MS * 8)
LONGEST_NUMBER = 12


def head_clip(phrase: str) -> str:
    """Return the name of the clip of all that stands before the number."""
    return f"{phrase}|head"


def opening_clip(phrase: str) -> str:
    """Return the name of the clip of all but the last word before the number."""
    return f"{phrase}|opening"


def odd_clip(digit: str) -> str:
    """Return the name of the clip of the last word before the number, and an odd digit."""
    return f"odd|{digit}"


def tail_clip(phrase: str) -> str:
    """Return the name of the clip of all that stands after the number."""
    return f"{phrase}|tail"


def pair_clip(pair: str) -> str:
    """Return the name of the clip of two digits."""
    return f"pair|{pair}"


def say_clip(piece: str) -> str:
    """Return the name of the clip of a piece of a value (speech.say)."""
    return f"say|{piece}"


def clips_of(utterance: Utterance) -> tuple[str, ...]:
    """Return the clips that say this utterance, in order; empty for what cannot be composed.

    An opening and a tail are named always; where a sentence has none, there is no such clip.
    """
    if utterance.said is not None:
        return _clips_of_value(utterance, utterance.said)
    phrase, agent = utterance.phrase, utterance.values.get("agent", "")
    if phrase not in AGENT_PHRASES or not 0 < len(agent) <= LONGEST_NUMBER:
        return ()
    if not (agent.isascii() and agent.isdigit()):
        return ()
    odd = len(agent) % 2
    pairs = [pair_clip(agent[place : place + 2]) for place in range(odd, len(agent), 2)]
    head = [opening_clip(phrase), odd_clip(agent[0])] if odd else [head_clip(phrase)]
    return (*head, *pairs, tail_clip(phrase))


def _clips_of_value(utterance: Utterance, kind: SayKind) -> tuple[str, ...]:
    value, currency = utterance.text, utterance.values.get("currency", "")
    try:
        if kind is SayKind.DIGITS:
            return tuple(
                pair_clip(one)
                if len(one) == 2
                else say_clip(say.said(kind, one, utterance.language))
                for one in say.digit_pairs(value)
            )
        return tuple(map(say_clip, say.pieces(kind, value, utterance.language, currency)))
    except ValueError:
        return ()


def may_be_absent(clip: str) -> bool:
    """Say whether some language's sentence has no such clip."""
    return clip.endswith(("|opening", "|tail"))


def joined(clips: Iterable[bytes]) -> bytes:
    """Return A-law clips one after the other with a short gap between."""
    return _GAP.join(clips)
