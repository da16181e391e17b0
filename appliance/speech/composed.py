"""Agent announcements put together from clips, for a box that has no model.

Single digits alone are understood badly, pairs well (measured: a third of single digits wrong,
one syllable in twelve of pairs). So a number is cut into pairs; an odd first digit is part of the
sentence's head. Worked example, zh "1001": head "工号", pairs "幺零" and "零幺", tail "为您服务".
"""

from collections.abc import Iterable

from appliance.speech.phrases import AGENT_PHRASES
from appliance.vocabulary.speech import Utterance

GAP_MS = 40
"""Silence between clips; 25 to 75 ms sounds like one sentence."""
_GAP = b"\xd5" * (GAP_MS * 8)
LONGEST_NUMBER = 12


def head_clip(phrase: str, digit: str = "") -> str:
    """Return the name of the clip of all that stands before the number (and its odd digit)."""
    return f"{phrase}|head|{digit}"


def tail_clip(phrase: str) -> str:
    """Return the name of the clip of all that stands after the number."""
    return f"{phrase}|tail"


def pair_clip(pair: str) -> str:
    """Return the name of the clip of two digits."""
    return f"pair|{pair}"


def clips_of(utterance: Utterance) -> tuple[str, ...]:
    """Return the clips that say this utterance, in order; empty for what cannot be composed.

    The tail is always named; a language whose sentence ends with the number has no such clip.
    """
    agent = utterance.values.get("agent", "")
    if utterance.phrase not in AGENT_PHRASES or not 0 < len(agent) <= LONGEST_NUMBER:
        return ()
    if not (agent.isascii() and agent.isdigit()):
        return ()
    odd = len(agent) % 2
    pairs = [agent[i : i + 2] for i in range(odd, len(agent), 2)]
    head = head_clip(utterance.phrase, agent[:odd])
    return (head, *(pair_clip(pair) for pair in pairs), tail_clip(utterance.phrase))


def joined(clips: Iterable[bytes]) -> bytes:
    """Return A-law clips one after the other with a short gap between."""
    return _GAP.join(clips)
