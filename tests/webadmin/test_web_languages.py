"""Three languages: nothing untranslated, placeholders agree, the choice is remembered."""

import re

import pytest
from babel.messages.pofile import read_po
from msgids import msgids
from web_stage import Stage

from appliance.engines.acd.strategies import STRATEGY_KEYS
from appliance.vocabulary.settings import Language
from webadmin.languages import catalogue_file, translations_of
from webadmin.pages import PAGES
from webadmin.pages.queues.fields import OVERFLOWS
from webadmin.site_words import WORDS, place, writer

FOREIGN = [Language.ZH, Language.PL]


def _catalogue(language: Language) -> dict[str, tuple[str, ...]]:
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=str(language))
    found = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            assert not message.fuzzy, key
            found[key] = tuple(texts)
    return found


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_of_the_pages_is_translated_and_nothing_else_is(language: Language) -> None:
    wanted = {key if isinstance(key, str) else key[0]: where for key, where in msgids().items()}
    assert len(wanted) > 150
    there = _catalogue(language)
    untranslated = {key: where for key, where in wanted.items() if not all(there.get(key, ("",)))}
    assert untranslated == {}
    assert set(there) - set(wanted) == set(), "left over from texts that are gone"


@pytest.mark.parametrize("language", FOREIGN)
def test_placeholders_are_the_same_in_every_language(language: Language) -> None:
    for key, texts in _catalogue(language).items():
        wanted = sorted(re.findall(r"%\(\w+\)s|%%", key.replace("(num)d", "(num)s")))
        for text in texts:
            found = sorted(re.findall(r"%\(\w+\)s|%%", text.replace("(num)d", "(num)s")))
            assert found == wanted, (key, text)


def test_polish_has_its_three_plurals() -> None:
    polish = translations_of(Language.PL)
    forms = [polish.ngettext("%(num)d call", "%(num)d calls", n) % {"num": n} for n in (1, 2, 5)]
    assert forms == ["1 połączenie", "2 połączenia", "5 połączeń"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_title_of_every_page_is_in_three_languages(page) -> None:
    titles = {str(translations_of(language).gettext(page.title)) for language in Language}
    assert len(titles) == 3


def test_language_of_the_site_holds_until_another_is_chosen_and_that_is_remembered(
    full: Stage,
) -> None:
    browser = full.browser()
    assert "登录" in browser.get("/login").text
    answer = browser.post("/language", {"language": "pl", "next": "/login"})
    assert answer.location == "/login"
    cookie = answer.headers["Set-Cookie"]
    assert "linghe_language=pl" in cookie and "Max-Age=31536000" in cookie
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "Zaloguj się" in browser.get("/login").text
    browser.logs_in("owner")
    assert "Poziom obsługi" in browser.get("/today/").text


def test_language_that_there_is_not_is_refused(full: Stage) -> None:
    assert full.browser().post("/language", {"language": "xx"}).status_code == 400
    browser = full.browser()
    browser.client.set_cookie("linghe_language", "../../etc")
    assert browser.get("/login").status_code == 200


def test_each_strategy_and_each_overflow_has_a_word() -> None:
    assert set(STRATEGY_KEYS) | set(filter(None, OVERFLOWS)) <= set(WORDS)


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("空闲最久", "轮流", "挂断")), ("pl", ("najdłużej wolny", "po kolei", "rozłączenie"))],
)
def test_selects_speak_the_readers_language_and_send_the_site_files_word(
    full: Stage, language: str, words: tuple[str, ...]
) -> None:
    browser = full.logged_in(language=language)
    form = browser.get("/queues/queue?id=sales").text
    assert all(f">{one}</option>" in form for one in words)
    assert all(f'<option value="{one}"' in form for one in ("longest-idle", "hangup"))
    assert words[0] in browser.get("/queues/").text
    assert f">{words[1]}</option>" in browser.get("/simulator/").text


def test_places_and_writers_speak_the_readers_language(full: Stage) -> None:
    with full.app.test_request_context(headers={"Cookie": "linghe_language=pl"}):
        assert place("flow main, node hi, you") == "scenariusz main, węzeł hi, you"
        assert place("queue orders") == "kolejka orders"
        assert writer("command line") == "wiersz poleceń" and writer("anna") == "anna"
    with full.app.test_request_context(headers={"Cookie": "linghe_language=en"}):
        assert place("flow main, node hi") == "flow main, node hi"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("en-US,en;q=0.9", "One-time code"),
        ("pl,en;q=0.5", "Kod jednorazowy"),
        ("fr,de;q=0.8", "一次性认领码"),
    ],
)
def test_before_there_is_a_site_the_browsers_language_holds(
    stage: Stage, asked: str, words: str
) -> None:
    stage.offers_claim()
    page = stage.browser().client.get("/claim", headers={"Accept-Language": asked})
    assert words in page.text


def test_with_a_site_its_language_holds_whatever_the_browser_speaks(full: Stage) -> None:
    page = full.browser().client.get("/login", headers={"Accept-Language": "pl"})
    assert 'lang="zh' in page.text
