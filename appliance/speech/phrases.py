"""The sentence for every phrase of ours, from gettext catalogues that the daemon has loaded.

Message ids are PhraseKey values with, where one key has several sentences, a word after a dot:
"position.next", "not_ready.1". Plural rules are gettext's, so that Polish says 1 osoba, 2 osoby,
5 osób. Braces in a sentence are its values; an agent's number is marked for digit-wise reading.
"""

from collections.abc import Mapping
from typing import Protocol

from appliance.speech.normaliser import speakable
from appliance.speech.say import said
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import PhraseKey, Utterance
from appliance.vocabulary.waits import FAR, MINUTES, SHORT

FARTHEST_POSITION = 20
"""Positions 1 to 20 are said exactly; beyond, POSITION_FAR is said."""
POSITION_FAR = "far"
"""The value of {n} for every place beyond FARTHEST_POSITION."""
NAMED_REASONS = ("0", "1", "2", "3", "4", "5")
"""Reasons with a name of their own; the others are told by their number."""
AGENT_PHRASES = (PhraseKey.AGENT_NUMBER, PhraseKey.SIGNED_IN)
"""Phrases with an agent's number in them."""


class Translations(Protocol):
    """What is used of gettext's GNUTranslations: an unknown message comes back unchanged."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int, /) -> str: ...


def sentence(utterance: Utterance, catalogues: Mapping[Language, Translations]) -> str:
    """Return what is to be said, still with figures: "您前面还有3位客户，请耐心等待。".

    Raises KeyError for a language without catalogue or a phrase without its value.
    """
    phrase, values = utterance.phrase, utterance.values
    if utterance.said is not None:
        return said(utterance.said, utterance.text, utterance.language, values.get("currency", ""))
    if phrase is None:
        return utterance.text
    catalogue = catalogues[utterance.language]
    match phrase:
        case PhraseKey.POSITION:
            return _position(values["n"], catalogue)
        case PhraseKey.EXPECTED_WAIT | PhraseKey.WAITED:
            return _minutes(phrase, values["n"], catalogue)
        case PhraseKey.NOT_READY:
            reason = values["reason"]
            name = reason if reason in NAMED_REASONS else "other"
            return catalogue.gettext(f"not_ready.{name}").replace("{reason}", reason)
        case PhraseKey.AGENT_NUMBER | PhraseKey.SIGNED_IN:
            marked = f"{{digits:{values['agent']}}}"
            return catalogue.gettext(phrase).replace("{agent}", marked)
        case PhraseKey.CALLBACK_OFFER if values["key"] == "#":
            return catalogue.gettext("callback_offer.hash")
        case PhraseKey.CALLBACK_OFFER:
            return catalogue.gettext(phrase).replace("{key}", values["key"])
        case PhraseKey.CALL_PARKED if "slot" in values:
            marked = f"{{digits:{values['slot']}}}"
            return catalogue.gettext("call_parked.at").replace("{slot}", marked)
        case _:
            return catalogue.gettext(phrase)


def spoken(utterance: Utterance, catalogues: Mapping[Language, Translations]) -> str:
    """Return the sentence in words only, as a synthesiser wants it."""
    return speakable(sentence(utterance, catalogues), utterance.language)


def agent_parts(
    phrase: PhraseKey, language: Language, catalogues: Mapping[Language, Translations]
) -> tuple[str, str]:
    """Return what stands before and after the agent's number in words; "" where nothing does."""
    before, _, after = catalogues[language].gettext(phrase).partition("{agent}")
    after = after.strip()
    return before.strip(), after if any(letter.isalpha() for letter in after) else ""


def _minutes(phrase: PhraseKey, n: str, catalogue: Translations) -> str:
    if n == SHORT:
        return catalogue.gettext(f"{phrase}.short")
    if n == FAR:
        return catalogue.gettext(f"{phrase}.far").replace("{count}", str(MINUTES[-1]))
    form = catalogue.ngettext(f"{phrase}.minutes", f"{phrase}.minutes", int(n))
    return form.replace("{count}", n)


def _position(n: str, catalogue: Translations) -> str:
    if n == POSITION_FAR:
        before = FARTHEST_POSITION
        return catalogue.gettext("position.far").replace("{count}", str(before))
    before = int(n) - 1
    if before <= 0:
        return catalogue.gettext("position.next")
    form = catalogue.ngettext("position.before", "position.before", before)
    return form.replace("{count}", str(before))
