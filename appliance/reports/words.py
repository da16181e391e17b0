"""The reports' and timelines' words in zh, en and pl, keyed by their English text.

Small enough to stand in the code, where a test holds that no word lacks a language and that
braces agree; and so a report can be made where no catalogue was compiled.
"""

from collections.abc import Callable

from appliance.reports.catalogue import in_language
from appliance.reports.words_customers import CUSTOMER_WORDS
from appliance.reports.words_handling import HANDLING_WORDS
from appliance.reports.words_messages import MESSAGE_WORDS
from appliance.reports.words_phrases import PHRASE_WORDS
from appliance.reports.words_refusals import REFUSAL_WORDS
from appliance.reports.words_report import REPORT_WORDS
from appliance.reports.words_timeline import TIMELINE_WORDS
from appliance.vocabulary.settings import Language

Gettext = Callable[[str], str]
"""English text to the reader's language; braces are kept for `str.format`."""

WORDS: dict[str, tuple[str, str]] = {
    **TIMELINE_WORDS,
    **CUSTOMER_WORDS,
    **HANDLING_WORDS,
    **MESSAGE_WORDS,
    **PHRASE_WORDS,
    **REFUSAL_WORDS,
    **REPORT_WORDS,
}
"""English to (Chinese, Polish)."""


def words_for(language: Language) -> Gettext:
    """Return the gettext function of a language; what it does not know stays English."""
    return lambda text: in_language(WORDS, text, language) if text in WORDS else text
