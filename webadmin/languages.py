"""The pages' three languages: gettext catalogues, read as .po when a language is first used.

No .mo files and no build step: a fresh clone speaks all three. English is the text in the code
itself. The reader's choice stands in a cookie; without one the site's language holds, and before
there is a site the browser's.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale, gettext

from appliance.vocabulary.settings import Language
from webadmin.stores import site

COOKIE = "linghe_language"
COOKIE_SECONDS = 365 * 86_400
FOLDER = Path(__file__).with_name("translations")

OWN_NAMES = {Language.ZH: "中文", Language.EN: "English", Language.PL: "Polski"}
"""What each language calls itself, for the switch."""


def catalogue_file(language: Language) -> Path:
    """Return where a language's .po lies."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def translations_of(language: Language) -> NullTranslations:
    """Read and compile one catalogue in memory; English needs none."""
    path = catalogue_file(language)
    if language is Language.EN or not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=str(language))
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel is not typed
    """Flask-Babel's domain over .po files."""

    def __init__(self) -> None:
        super().__init__()
        self._read: dict[Language, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of this request's language."""
        language = language_now()
        if language not in self._read:
            self._read[language] = translations_of(language)
        return self._read[language]


class Speech(Babel):  # type: ignore[misc]  # Flask-Babel is not typed
    """Flask-Babel with these catalogues."""

    domain_instance = Catalogues()


def init_app(app: Flask) -> None:
    """Teach the app its languages."""
    Speech(app, locale_selector=_chosen)


def _chosen() -> str:
    wanted = request.cookies.get(COOKIE, "")
    if wanted in set(Language):
        return wanted
    here = site()
    if here.version == 0:
        # nobody has said yet which language this box speaks
        known = request.accept_languages.best_match([str(one) for one in Language])
        return known or str(here.site.language)
    return str(here.site.language)


def language_now() -> Language:
    """Return this request's language."""
    return Language(str(get_locale()))


def say(text: str, **values: Any) -> str:
    """Return the text in the reader's language; values are filled into %(name)s."""
    return str(gettext(text, **values))


def mark(text: str) -> str:
    """Return the text as it is: it is to be translated where it is shown."""
    return text
