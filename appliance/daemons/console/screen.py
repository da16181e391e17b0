"""One screen as lines: left the addresses and how the box stands, right the QR code. Pure.

A bare Linux screen has 25 rows of 80 columns and the letters of a PC's first code page in its font:
English can be drawn there, Polish without its marks, Chinese not at all (any font of it ends at
512 letters). A terminal at the serial line or over SSH draws all.
"""

import unicodedata

from appliance.daemons.box_words import WORDS, said
from appliance.daemons.console.ownership import Ownership
from appliance.daemons.console.qr import qr_lines
from appliance.daemons.signs import Sign
from appliance.daemons.standing import Fault, Standing
from appliance.vocabulary.one_line import one_line
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import Value

FAULT_WORDS = {
    Fault.NO_ANSWER: "Call control does not answer.",
    Fault.MEDIA_DOWN: "A media worker is down.",
    Fault.TRUNK_DOWN: "A trunk is down.",
    Fault.DISK_FULL: "The disk is full.",
    Fault.ON_BATTERY: "No mains: on the UPS's battery.",
    Fault.BATTERY_LOW: "The UPS's battery is low: the box stops.",
}
SIGN_WORDS = {
    Sign.STICK: "A USB stick is at work: leave it in.",
    Sign.BUTTON: "The reset button is held!",
    Sign.ADOPT: "The next USB stick becomes the box's own.",
}
GAP = 2
UNLIKE = {"ł": "l", "Ł": "L", "–": "-", "’": "'", "…": "."}
"""Letters that Unicode does not take apart."""


class Seen(Value, frozen=True, kw_only=True):
    """All that a screen shows."""

    pages: tuple[str, ...] = ()
    """Addresses of the page, best first."""
    standing: Standing = Standing()
    ownership: Ownership = Ownership()
    trouble: str = ""
    """The settings cannot be read, and why."""


def drawable(language: Language, terminal: str) -> Language:
    """Return the language that this terminal can draw."""
    return Language.EN if language is Language.ZH and terminal == "linux" else language


def screen(
    seen: Seen, middle: list[str], language: Language, *, columns: int, rows: int, terminal: str
) -> list[str]:
    """Return at most `rows` lines of at most `columns`; `middle` in the place of the box's own."""
    shop = seen.standing.site_name
    head = "Linghe" if shop in ("", "Linghe") else f"Linghe  {shop}"
    if terminal != "linux":
        head = head.replace("Linghe", "Linghe 铃盒", 1)
    body = middle or _home(seen, language, columns, rows - 3)
    foot = said(language, "Enter: rescue menu · L: language") if not middle else ""
    body = body[: rows - 3]
    lines = [head, "", *body, *[""] * (rows - 3 - len(body)), foot]
    return [_fitting(line, columns, terminal) for line in lines]


def _home(seen: Seen, language: Language, columns: int, rows: int) -> list[str]:
    left = _left(seen, language)
    code = seen.ownership.code
    if not code or not seen.pages:
        return left
    drawn = qr_lines(f"{seen.pages[0]}claim#{code}")
    width = columns - len(drawn[0]) - GAP
    if len(drawn) > rows or width < 24:
        return left
    whole = _wrapped(left, width)
    whole += [""] * (len(drawn) - len(whole))
    drawn += [""] * (len(whole) - len(drawn))
    return [
        line + " " * (width - _width(line) + GAP) + part
        for line, part in zip(whole, drawn, strict=True)
    ]


def _left(seen: Seen, language: Language) -> list[str]:
    lines = [said(language, "The page, for a browser:")]
    lines += [f"  {page}" for page in seen.pages] or [
        "  " + said(language, "No network: plug the cable in.")
    ]
    lines += ["", *_state(seen.standing, language)]
    if seen.trouble:
        # most troubles are errors, said in English everywhere
        lines += [said(language, seen.trouble) if seen.trouble in WORDS else seen.trouble]
    if seen.ownership.code:
        lines += [
            "",
            said(language, "Nobody owns this box yet."),
            said(language, "One-time code:") + f" {seen.ownership.code}",
            said(language, "Scan it, or type it into the page."),
        ]
    elif seen.ownership.is_elsewhere:
        lines += ["", said(language, "Nobody owns this box yet; `linghe claim` showed a code.")]
    return lines


def _state(standing: Standing, language: Language) -> list[str]:
    if not standing.is_up:
        lines = [said(language, "The box is starting, or stopped.")]
    else:
        lines = [
            said(
                language,
                "The box is up. Calls: {calls} now, {today} today.",
                calls=standing.calls,
                today=standing.calls_today,
            ),
            said(
                language,
                "Phones: {phones}. Trunks up: {up} of {all}.",
                phones=standing.phones,
                up=standing.trunks_up,
                all=standing.trunks,
            ),
        ]
    lines += [f"! {said(language, FAULT_WORDS[fault])}" for fault in standing.faults]
    lines += [
        f"* {said(language, SIGN_WORDS[sign])}" for sign in standing.signs if sign in SIGN_WORDS
    ]
    return lines


def _wrapped(lines: list[str], width: int) -> list[str]:
    """Break long lines at spaces; what has none is cut by `_fitting`."""
    whole: list[str] = []
    for line in lines:
        rest = line
        while _width(rest) > width and " " in rest[:width].strip():
            cut = rest.rfind(" ", 1, width)
            whole.append(rest[:cut])
            rest = "  " + rest[cut + 1 :]
        whole.append(rest)
    return whole


def _fitting(line: str, columns: int, terminal: str) -> str:
    """What a terminal would obey is escaped; what it cannot draw is a question mark; the rest goes.

    A bare screen's font has Latin letters and the blocks of the QR code.
    """
    shown, room = "", columns
    for char in one_line(line):
        char = _plain(char) if terminal == "linux" else char
        room -= _width(char)
        if room < 0:
            break
        shown += char
    return shown


def _plain(char: str) -> str:
    """What a bare screen's font has in the place of this letter."""
    if char < "\x7f" or char in "█▀▄·":
        return char
    found = UNLIKE.get(char) or unicodedata.normalize("NFKD", char)[0]
    return found if found < "\x7f" else "?"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
