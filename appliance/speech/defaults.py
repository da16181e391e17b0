"""What the shipped default prompts say: whole phrases, and the clips of agents' numbers."""

from collections.abc import Mapping

from appliance.speech.composed import (
    head_clip,
    odd_clip,
    opening_clip,
    pair_clip,
    say_clip,
    tail_clip,
)
from appliance.speech.normaliser import speakable
from appliance.speech.phrases import AGENT_PHRASES, Translations, agent_parts, spoken
from appliance.speech.say import vocabulary
from appliance.speech.wanted import phrases_wanted
from appliance.vocabulary.settings import Language

_END = {Language.ZH: "。", Language.EN: ",", Language.PL: ","}


def default_sentences(
    language: Language, catalogues: Mapping[Language, Translations]
) -> dict[str, str]:
    """Return index key and words of every phrase that no site changes."""
    return {wish.index_key: spoken(wish, catalogues) for wish in phrases_wanted(language)}


def default_clips(
    language: Language, catalogues: Mapping[Language, Translations]
) -> dict[str, str]:
    """Return clip name and words of all pieces of agents' announcements and of values.

    What a clip ends with was chosen by a round trip through recognition: a full stop for the
    Mandarin voice, which adds a vowel before a comma; a comma for the others.
    """
    end = _END[language]
    apart = "" if language is Language.ZH else " "
    clips: dict[str, str] = {}
    for phrase in AGENT_PHRASES:
        before, after = agent_parts(phrase, language, catalogues)
        opening, _, last = before.rpartition(" ")
        clips[head_clip(phrase)] = before + end
        if opening:
            clips[opening_clip(phrase)] = opening
        if after:
            clips[tail_clip(phrase)] = after
    # Both sentences have the same last word before the number (a test sees to that).
    for digit in "0123456789":
        clips[odd_clip(digit)] = speakable(f"{last}{apart}{{digits:{digit}}}", language) + end
    for piece in vocabulary(language):
        clips[say_clip(piece)] = piece + end
    for pair in range(100):
        clips[pair_clip(f"{pair:02}")] = speakable(f"{{digits:{pair:02}}}", language) + end
    return clips
