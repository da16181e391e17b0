"""The rescue menu: keys, time as a number, no terminal."""

import pytest

from appliance.daemons.console.menu import (
    CHOICES,
    ENTER,
    ESCAPE,
    IDLE_SECONDS,
    LONGEST_FIELD,
    NAMES,
    TOLD_SECONDS,
    WARNINGS,
    Act,
    Menu,
    Room,
    Wanted,
)
from appliance.vocabulary.settings import Language

OWNED = ("wang",)


def pressed(menu: Menu, keys: str, now: float = 0.0) -> list[Wanted]:
    return [wanted for key in keys if (wanted := menu.key(key, now)) is not None]


def owned(*owners: str) -> Menu:
    menu = Menu()
    menu.owners = owners or OWNED
    return menu


ASKS_MORE = (Act.LOG, Act.ADDRESS)


@pytest.mark.parametrize("key", [key for key, act in CHOICES.items() if act not in ASKS_MORE])
def test_nothing_is_done_without_its_word(key: str) -> None:
    menu = owned() if CHOICES[key] is not Act.CODE else Menu()
    assert pressed(menu, ENTER + key) == [] and menu.room is Room.CONFIRM
    assert NAMES[CHOICES[key]] in menu.lines(Language.EN, 20)[0]
    assert WARNINGS[CHOICES[key]] in menu.lines(Language.EN, 20)
    assert pressed(menu, "n") == [] and menu.room is Room.MENU
    word = "reset" if CHOICES[key] is Act.RESET else "y"
    owner = "wang" if CHOICES[key] is Act.PASSWORD else ""
    assert pressed(menu, key + word) == [Wanted(act=CHOICES[key], owner=owner)]
    assert menu.room is Room.WORKING
    assert pressed(menu, word * 3 + ENTER) == [] and menu.room is Room.WORKING


def test_a_fixed_address_is_typed_shown_whole_and_done_after_its_word() -> None:
    menu = owned()
    assert pressed(menu, ENTER + "8") == [] and menu.room is Room.FIELDS
    assert pressed(menu, ENTER) == [] and "> " in menu.lines(Language.EN, 20), "it wants one"
    assert pressed(menu, "10.0.0.9x\x7f/24" + ENTER + "10.0.0.1") == []
    assert "> 10.0.0.1" in menu.lines(Language.EN, 20)
    assert pressed(menu, ENTER + ENTER) == [] and menu.room is Room.CONFIRM
    text = "\n".join(menu.lines(Language.EN, 20))
    assert "10.0.0.9/24" in text and "10.0.0.1\n" in text and WARNINGS[Act.ADDRESS] in text
    wanted = Wanted(act=Act.ADDRESS, fields=("10.0.0.9/24", "10.0.0.1", ""))
    assert pressed(menu, "y") == [wanted]


def test_what_was_typed_for_an_address_is_forgotten_with_esc_and_ends_somewhere() -> None:
    menu = owned()
    pressed(menu, ENTER + "8" + "10.0.0.9/24" + ENTER + ESCAPE + "8")
    assert "10.0.0.9" not in "\n".join(menu.lines(Language.EN, 20))
    pressed(menu, "1" * 500)
    assert "> " + "1" * LONGEST_FIELD in menu.lines(Language.EN, 20)


def test_who_waits_no_longer_goes_home_and_is_told_when_it_is_done() -> None:
    menu = owned()
    pressed(menu, ENTER + "6y" + ESCAPE)
    assert menu.room is Room.HOME
    menu.tell(["Done."], 5.0)
    assert "Done." in menu.lines(Language.EN, 20)


def test_a_reset_wants_the_whole_word_and_a_typing_error_ends_it() -> None:
    menu = owned()
    assert pressed(menu, ENTER + "9" + "y") == [] and menu.room is Room.MENU
    assert pressed(menu, "9rese") == [] and "> rese" in menu.lines(Language.EN, 20)
    assert pressed(menu, "\x7fet") == [Wanted(act=Act.RESET)]


def test_a_reset_says_what_becomes_of_recordings_and_one_word_deletes_them() -> None:
    menu = owned()
    pressed(menu, ENTER + "9")
    shown = "\n".join(menu.lines(Language.EN, 20))
    assert "Type reset to do it and keep the recordings" in shown
    assert "Type wipe to do it and delete the recordings too" in shown
    assert pressed(menu, "wip") == [] and "> wip" in menu.lines(Language.EN, 20)
    assert pressed(menu, "x") == [] and menu.room is Room.MENU
    assert pressed(menu, "9wipe") == [Wanted(act=Act.RESET, keep_recordings=False)]
    assert menu.room is Room.WORKING


@pytest.mark.parametrize("language", list(Language))
def test_the_words_to_type_are_shown_in_each_language(language: Language) -> None:
    menu = owned()
    pressed(menu, ENTER + "9")
    shown = menu.lines(language, 20)
    assert any("reset" in line for line in shown) and any("wipe" in line for line in shown)


def test_of_several_owners_one_is_chosen() -> None:
    menu = owned("anna", "wang")
    assert pressed(menu, ENTER + "2") == [] and menu.room is Room.OWNER
    assert "  2  wang" in menu.lines(Language.EN, 20)
    assert pressed(menu, "7") == [] and menu.room is Room.OWNER
    assert pressed(menu, "2y") == [Wanted(act=Act.PASSWORD, owner="wang")]


def test_an_unowned_box_has_a_code_to_renew_and_no_password() -> None:
    text = "\n".join(_menu_of(Menu()))
    assert NAMES[Act.CODE] in text and NAMES[Act.PASSWORD] not in text
    text = "\n".join(_menu_of(owned()))
    assert NAMES[Act.CODE] not in text and NAMES[Act.PASSWORD] in text
    menu = Menu()
    assert pressed(menu, ENTER + "2y") == [] and menu.room is Room.MENU


def _menu_of(menu: Menu) -> list[str]:
    menu.key(ENTER, 0.0)
    return menu.lines(Language.EN, 20)


def test_nobody_at_the_keys_leads_home_and_a_password_stays_longer() -> None:
    menu = owned()
    pressed(menu, ENTER + "2", now=10.0)
    assert menu.wake_at() == 10.0 + IDLE_SECONDS
    menu.wake(10.0 + IDLE_SECONDS - 1)
    assert menu.room is Room.CONFIRM
    menu.wake(10.0 + IDLE_SECONDS)
    assert menu.room is Room.HOME and menu.wake_at() is None
    menu.tell(["secret"], 100.0)
    menu.wake(100.0 + IDLE_SECONDS)
    assert "secret" in menu.lines(Language.EN, 20)
    menu.wake(100.0 + TOLD_SECONDS)
    assert menu.room is Room.HOME
    menu.tell(["secret"], 500.0)
    menu.key("x", 501.0)
    assert menu.room is Room.HOME and "secret" not in menu.lines(Language.EN, 20)


def test_the_log_is_read_page_by_page() -> None:
    menu = owned()
    assert pressed(menu, ENTER + "3") == [Wanted(act=Act.LOG)]
    menu.show_log([f"line {n}" for n in range(25)], 0.0)
    assert menu.lines(Language.EN, 12)[:10] == [f"line {n}" for n in range(15, 25)]
    pressed(menu, "  ")
    assert menu.lines(Language.EN, 12)[:5] == [f"line {n}" for n in range(5)]
    for key in "    b":  # drawn after each, as on the screen
        pressed(menu, key)
        menu.lines(Language.EN, 12)
    assert menu.lines(Language.EN, 12)[0] == "line 5"
    pressed(menu, ESCAPE)
    assert menu.room is Room.MENU
    menu.show_log([], 0.0)
    assert menu.lines(Language.EN, 12)[0] == "Nothing to tell."


def test_keys_that_mean_nothing_do_nothing() -> None:
    menu = owned()
    for key in "abcxyz0189 \x7f\t\x00é":
        assert menu.key(key, 0.0) is None
    assert menu.room is Room.HOME
    pressed(menu, ENTER)
    for key in "abcxyz0 \x7f\t\x00é":
        assert menu.key(key, 0.0) is None
    assert menu.room is Room.MENU
