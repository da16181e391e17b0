"""The rescue menu as a machine: keys in, what is shown and what is to be done out. Pure.

Theory of operation. HOME shows the box; Enter opens MENU. A choice that changes something goes to
CONFIRM, where its word must be typed whole (`y`; for what cannot be taken back `reset` or `wipe`,
which say what becomes of recordings); then the act is handed out once, and its answer is shown in
TOLD until a key; Esc leaves WORKING, and the answer is shown when it comes. LOG is read by keys.
OWNER asks which of several, FIELDS what is to be typed. Nobody touching a key for a minute leads
back to HOME; a password that is shown stays for five.
"""

from collections.abc import Mapping
from enum import StrEnum

from appliance.daemons.box_words import said
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import Value

IDLE_SECONDS = 60.0
TOLD_SECONDS = 300.0
ENTER, ESCAPE, SPACE, RUBOUT = "\r", "\x1b", " ", "\x7f"


class Act(StrEnum):
    """What the menu can do."""

    NETWORK = "network"
    ADDRESS = "address"
    PASSWORD = "password"
    LOG = "log"
    STICK = "stick"
    CODE = "code"
    RESTART = "restart"
    POWER_OFF = "power_off"
    RESET = "reset"


CHOICES: Mapping[str, Act] = {
    "1": Act.NETWORK,
    "2": Act.PASSWORD,
    "3": Act.LOG,
    "4": Act.STICK,
    "5": Act.CODE,
    "6": Act.RESTART,
    "7": Act.POWER_OFF,
    "8": Act.ADDRESS,
    "9": Act.RESET,
}
NAMES: Mapping[Act, str] = {
    Act.NETWORK: "Network: take an address by DHCP again",
    Act.ADDRESS: "Network: a fixed address",
    Act.PASSWORD: "New password for the owner",
    Act.LOG: "Log: the latest faults",
    Act.STICK: "The next USB stick becomes the box's own",
    Act.CODE: "New one-time code",
    Act.RESTART: "Restart",
    Act.POWER_OFF: "Power off",
    Act.RESET: "Factory reset, with the recordings or without them",
}
WARNINGS: Mapping[Act, str] = {
    Act.NETWORK: "A fixed address is forgotten. Calls that go on may end.",
    Act.ADDRESS: "The page moves to this address. Calls that go on may end.",
    Act.PASSWORD: "His old password ends, and so do his logins.",
    Act.STICK: "Within three minutes. It is given reports, and backups with passwords in them.",
    Act.CODE: "Any older code ends.",
    Act.RESTART: "Calls that go on end.",
    Act.POWER_OFF: "Calls that go on end, and nobody can call until the box is switched on.",
    Act.RESET: "Phones, agents, queues, flows, people and all records of calls are deleted.",
}
AT_ONCE = (Act.LOG,)
YES, KEEPS, WIPES = "y", "reset", "wipe"
"""Words that must be typed. A box that is given away is wiped."""
RESET_WORDS = (
    (KEEPS, "Type {word} to do it and keep the recordings"),
    (WIPES, "Type {word} to do it and delete the recordings too"),
)
FIELDS = (
    "Address with its prefix, like 192.168.1.10/24:",
    "Gateway (Enter: none):",
    "Name server (Enter: none):",
)
"""What is typed for a fixed address; root judges it."""
LONGEST_FIELD = 50


class Room(StrEnum):
    """Where we are."""

    HOME = "home"
    MENU = "menu"
    OWNER = "owner"
    FIELDS = "fields"
    CONFIRM = "confirm"
    WORKING = "working"
    LOG = "log"
    TOLD = "told"


class Wanted(Value, frozen=True, kw_only=True):
    """To be done now, once."""

    act: Act
    owner: str = ""
    fields: tuple[str, ...] = ()
    """As typed: FIELDS."""
    keep_recordings: bool = True
    """Of a reset."""


class Menu:
    """The machine. `lines` says what is shown."""

    def __init__(self) -> None:
        self.room = Room.HOME
        self.owners: tuple[str, ...] = ()
        """Kept up by who drives it."""
        self._act = Act.NETWORK
        self._owner = ""
        self._fields: tuple[str, ...] = ()
        self._typed = ""
        self._told: list[str] = []
        self._log: list[str] = []
        self._older = 0
        self._touched_at = 0.0

    def key(self, key: str, now: float) -> Wanted | None:
        """A key was pressed. Returns what is to be done now."""
        self._touched_at = now
        if key == ESCAPE:
            is_top = self.room in (Room.HOME, Room.MENU, Room.WORKING)
            self.room = Room.HOME if is_top else Room.MENU
            return None
        match self.room:
            case Room.HOME:
                self.room = Room.MENU if key in (ENTER, "\n") else Room.HOME
            case Room.MENU:
                return self._chosen(key)
            case Room.OWNER:
                self._owner_chosen(key)
            case Room.FIELDS:
                self._field_typed(key)
            case Room.CONFIRM:
                return self._confirmed(key)
            case Room.LOG:
                self._older += 1 if key == SPACE else -1 if key == "b" else 0
                self._older = max(0, self._older)
            case Room.TOLD:
                self.room = Room.HOME
            case Room.WORKING:
                pass
        return None

    def wake_at(self) -> float | None:
        """When nobody's touching it leads home; None: it is there, or something is being done."""
        if self.room in (Room.HOME, Room.WORKING):
            return None
        return self._touched_at + (TOLD_SECONDS if self.room is Room.TOLD else IDLE_SECONDS)

    def wake(self, now: float) -> None:
        """A time has come, or may have."""
        due = self.wake_at()
        if due is not None and now >= due:
            self._go_home()

    def tell(self, sentences: list[str], now: float) -> None:
        """What was wanted is done, or not; shown until a key."""
        self.room, self._told, self._touched_at = Room.TOLD, sentences, now

    def show_log(self, lines: list[str], now: float) -> None:
        """The log was read."""
        self.room, self._log, self._older, self._touched_at = Room.LOG, lines, 0, now

    def _go_home(self) -> None:
        self.room, self._typed, self._told = Room.HOME, "", []

    def _chosen(self, key: str) -> Wanted | None:
        act = CHOICES.get(key)
        if act is None or not self._is_offered(act):
            return None
        self._act, self._typed, self._owner, self._fields = act, "", "", ()
        if act in AT_ONCE:
            self.room = Room.WORKING
            return Wanted(act=act)
        if act is Act.PASSWORD and len(self.owners) > 1:
            self.room = Room.OWNER
            return None
        if act is Act.ADDRESS:
            self.room = Room.FIELDS
            return None
        self._owner = self.owners[0] if act is Act.PASSWORD else ""
        self.room = Room.CONFIRM
        return None

    def _is_offered(self, act: Act) -> bool:
        if act is Act.PASSWORD:
            return bool(self.owners)
        return act is not Act.CODE or not self.owners

    def _owner_chosen(self, key: str) -> None:
        if key.isdecimal() and 1 <= int(key) <= len(self.owners):
            self._owner = self.owners[int(key) - 1]
            self.room = Room.CONFIRM

    def _field_typed(self, key: str) -> None:
        if key == RUBOUT:
            self._typed = self._typed[:-1]
        elif key not in (ENTER, "\n"):
            self._typed = (self._typed + key if key.isprintable() else self._typed)[:LONGEST_FIELD]
        elif self._typed.strip() or self._fields:
            self._fields, self._typed = (*self._fields, self._typed.strip()), ""
            if len(self._fields) == len(FIELDS):
                self.room = Room.CONFIRM

    def _confirmed(self, key: str) -> Wanted | None:
        if key == RUBOUT:
            self._typed = self._typed[:-1]
            return None
        self._typed += key.lower()
        words = (KEEPS, WIPES) if self._act is Act.RESET else (YES,)
        if not any(word.startswith(self._typed) for word in words):
            self.room = Room.MENU
        if self._typed not in words:
            return None
        typed, self.room, self._typed = self._typed, Room.WORKING, ""
        return Wanted(
            act=self._act,
            owner=self._owner,
            fields=self._fields,
            keep_recordings=typed != WIPES,
        )

    def lines(self, language: Language, rows: int) -> list[str]:
        """Return what is shown in at most so many rows; of HOME nothing, the screen knows it."""
        match self.room:
            case Room.HOME:
                return []
            case Room.MENU:
                return self._menu_lines(language)
            case Room.OWNER:
                listed = [f"  {place}  {name}" for place, name in enumerate(self.owners, 1)][:9]
                return [said(language, "Whose password?"), "", *listed]
            case Room.FIELDS:
                return self._field_lines(language)
            case Room.CONFIRM:
                return self._confirm_lines(language)
            case Room.WORKING:
                return [said(language, "One moment…")]
            case Room.LOG:
                return self._log_lines(language, rows)
            case Room.TOLD:
                return [*self._told, "", said(language, "Any key leads back.")]

    def _menu_lines(self, language: Language) -> list[str]:
        shown = [
            f"  {key}  {said(language, NAMES[act])}"
            for key, act in CHOICES.items()
            if self._is_offered(act)
        ]
        return [said(language, "Rescue menu"), "", *shown, "", said(language, "Esc: back")]

    def _confirm_lines(self, language: Language) -> list[str]:
        name = said(language, NAMES[self._act])
        return [
            f"{name}: {self._owner}" if self._owner else name,
            *self._typed_lines(language),
            "",
            said(language, WARNINGS[self._act]),
            "",
            *self._asked_words(language),
            "",
            f"> {self._typed}",
        ]

    def _asked_words(self, language: Language) -> list[str]:
        if self._act is not Act.RESET:
            return [said(language, "Type {word} to do it; Esc: back", word=YES)]
        asked = [said(language, text, word=word) for word, text in RESET_WORDS]
        return [*asked, said(language, "Esc: back")]

    def _field_lines(self, language: Language) -> list[str]:
        known = self._typed_lines(language)
        asked = said(language, FIELDS[len(self._fields)])
        shown = [said(language, NAMES[self._act]), *known, "", asked, "", f"> {self._typed}"]
        return [*shown, "", said(language, "Enter: on; Esc: back")]

    def _typed_lines(self, language: Language) -> list[str]:
        pairs = zip(FIELDS, self._fields, strict=False)
        return [f"  {said(language, asked)} {one}" for asked, one in pairs]

    def _log_lines(self, language: Language, rows: int) -> list[str]:
        room = max(1, rows - 2)
        last = max(0, (len(self._log) - 1) // room)
        self._older = min(self._older, last)
        end = len(self._log) - self._older * room
        shown = self._log[max(0, end - room) : end] or [said(language, "Nothing to tell.")]
        return [*shown, "", said(language, "Space: older · b: newer · Esc: back")]
