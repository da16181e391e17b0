"""What a terminal sends for its keys, whole and in pieces."""

import pytest

from appliance.daemons.console.keyboard import LONGEST, Keyboard

FUNCTION_KEYS = {
    "page down": "\x1b[6~",
    "F1 of a console": "\x1b[[A",
    "F1 of a terminal": "\x1bOP",
    "F5": "\x1b[15~",
    "up": "\x1b[A",
    "Ctrl and left": "\x1b[1;5D",
    "Alt and 6": "\x1b6",
}


@pytest.mark.parametrize("sent", FUNCTION_KEYS.values(), ids=list(FUNCTION_KEYS))
def test_no_part_of_a_function_key_is_a_key(sent: str) -> None:
    assert Keyboard().receive(sent) == ""
    assert Keyboard().receive(f"y{sent}n") == "yn"


def test_a_function_key_in_two_pieces_is_one() -> None:
    keyboard = Keyboard()
    assert [keyboard.receive(piece) for piece in ("\x1b[", "6", "~7")] == ["", "", "7"]


def test_letters_and_esc_are_themselves() -> None:
    keyboard = Keyboard()
    assert keyboard.receive("\r6y") == "\r6y"
    assert keyboard.receive("\x1b") == "\x1b"
    assert keyboard.receive("\x1b\x1b") == "\x1b\x1b"
    assert keyboard.receive("w[6~") == "w[6~"


def test_what_never_ends_is_no_key_that_is_waited_for() -> None:
    keyboard = Keyboard()
    keyboard.receive("\x1b[" + "1" * LONGEST)
    assert keyboard.receive("y") == "y"
