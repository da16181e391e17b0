"""The phrases' gettext catalogues, loaded from their .po files at first use.

The compiled form lives in memory only: no build step, nothing beside the sources in git.
"""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import appliance.speech
from appliance.vocabulary.settings import Language

LOCALE = Path(appliance.speech.__file__).parent / "locale"


@cache
def catalogues() -> dict[Language, gettext.GNUTranslations]:
    """Return the catalogue of each language."""
    return {language: _loaded(language) for language in Language}


def _loaded(language: Language) -> gettext.GNUTranslations:
    source = LOCALE / language / "LC_MESSAGES" / "phrases.po"
    with source.open("rb") as text:
        catalogue = read_po(text, locale=str(language))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
