"""The contract of a page. Whoever adds one to PAGES learns here what is still missing."""

import re
from pathlib import Path

import pytest
from web_stage import AGENT, OWNER, Stage

import webadmin
from appliance.store.people import Role
from appliance.vocabulary.settings import Language
from webadmin.languages import translations_of
from webadmin.pages import PAGES, Page

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
def test_page_has_a_folder_of_its_name_with_a_sign_on_its_door(page: Page) -> None:
    folder = Path(webadmin.__file__).parent / "pages" / page.name
    assert (folder / "views.py").is_file()
    assert (folder / "__init__.py").read_text().startswith('"""')
    assert any((folder / "templates").glob("*.html"))


@each_page
def test_page_wants_a_login(full: Stage, page: Page) -> None:
    answer = full.browser().get(f"/{page.name}/")
    assert answer.status_code == 302 and answer.location.startswith("/login")


@each_page
def test_page_is_for_somebody_and_the_owner_is_among_them(page: Page) -> None:
    assert Role.OWNER in page.roles


@each_page
@pytest.mark.parametrize("language", Language)
def test_page_has_its_title_in_every_language(full: Stage, page: Page, language: Language) -> None:
    browser = full.logged_in(language=language)
    text = browser.get(f"/{page.name}/").text
    title = str(translations_of(language).gettext(page.title))
    assert f"<title>{title} · " in text
    assert re.search(rf"<h1[^>]*>{re.escape(title)}</h1>", text)
    assert f'lang="{"zh-CN" if language is Language.ZH else language}"' in text


@each_page
def test_page_shows_a_box_with_nothing_in_it(stage: Stage, page: Page) -> None:
    stage.has_people()
    assert not stage.places.calls.exists()
    assert stage.logged_in().get(f"/{page.name}/").status_code == 200


@each_page
@pytest.mark.parametrize("name", [OWNER, AGENT])
def test_page_shows_a_busy_box_or_refuses(full: Stage, page: Page, name: str) -> None:
    role = Role.OWNER if name == OWNER else Role.AGENT
    answer = full.logged_in(name).get(f"/{page.name}/?day=2025-11-20")
    assert answer.status_code == (200 if role in page.roles else 403)


@each_page
def test_page_folds_on_a_phone(full: Stage, page: Page) -> None:
    """The scheme of every page; tests/webadmin/test_web_chromium.py measures the pixels."""
    text = full.logged_in().get(f"/{page.name}/?day=2025-11-20").text
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    for table in re.findall(r"<table[^>]*>", text):
        assert "cards" in table, "a table that does not become cards is wider than a phone"
    for cell in re.findall(r"<td[^>]*>", text):
        assert "data-label" in cell


def test_menu_has_the_pages_of_the_role_in_their_order(full: Stage) -> None:
    for name, role in ((OWNER, Role.OWNER), (AGENT, Role.AGENT)):
        text = full.logged_in(name).get("/live/").text
        shown = re.findall(r'class="nav-link[^"]*" href="/(\w+)/"', text)
        assert shown == [p.name for p in PAGES if p.is_in_menu and role in p.roles]
