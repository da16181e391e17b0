"""Words that stand in the code: English to (Chinese, Polish), a table for each kind of sentence."""

from collections.abc import Mapping

from appliance.vocabulary.settings import Language

Catalogue = Mapping[str, tuple[str, str]]


def in_language(words: Catalogue, english: str, language: Language) -> str:
    """Return a text of these words in that language. Raises KeyError for one that they lack."""
    match language:
        case Language.ZH:
            return words[english][0]
        case Language.PL:
            return words[english][1]
        case Language.EN:
            return english
