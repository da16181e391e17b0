"""The reports' and timelines' words in zh, en and pl, keyed by their English text."""

from collections.abc import Callable

from appliance.vocabulary.settings import Language

Gettext = Callable[[str], str]
"""English text to the reader's language; braces are kept for `str.format`."""


def words_for(language: Language) -> Gettext:
    """Return the gettext function of a language."""
    raise NotImplementedError
