"""What root is asked for, over /run/linghe/privileged.sock: one question a line, one answer each.

The whole list stands here; daemons/privileged checks each word of it again and carries it out. Who
asks is told in `by` for the audit log (a user's name where the pages ask).
"""

from appliance.vocabulary.shape import Command, Event, Value

SOCKET = "/run/linghe/privileged.sock"
"""LINGHE_PRIVILEGED_SOCKET names another one, for tests."""
UPDATE_SECONDS = 2100.0
"""So long an update is proven and written at most: a slow stick and a slow disk; an emulated
machine takes minutes. Root gives up then, and not before that who asked."""


class SetNetwork(Command, frozen=True, kw_only=True):
    """The box's own address: DHCP where `address` is empty, else this and no other."""

    address: str = ""
    """With its prefix: 192.168.1.10/24."""
    gateway: str = ""
    dns: tuple[str, ...] = ()
    trial_seconds: float = 0.0
    """Unless ConfirmNetwork comes within so many seconds, the box goes back to the address that it
    has; a start in between goes back too. 0: it holds at once and for good."""
    by: str = ""


class ConfirmNetwork(Command, frozen=True, kw_only=True):
    """The address that is on trial was reached: it holds for good."""

    by: str = ""


class TellState(Command, frozen=True, kw_only=True):
    """Say what only root sees; nothing is changed, and no audit log has it."""

    by: str = ""


class SetReach(Command, frozen=True, kw_only=True):
    """Who may reach the box besides private and link-local networks."""

    lan: tuple[str, ...] = ()
    """Networks that count as the LAN: phones and pages."""
    carriers: tuple[str, ...] = ()
    """Addresses of carriers that call without being registered with: SIP and RTP."""
    by: str = ""


class SetClock(Command, frozen=True, kw_only=True):
    """Set the wall's time by hand, where no time server is reached."""

    utc: float
    """Seconds since 1970."""
    by: str = ""


class SetTimeZone(Command, frozen=True, kw_only=True):
    """The machine's own time zone: of its log and console (the site has its own)."""

    zone: str
    """Europe/Warsaw."""
    by: str = ""


class InstallUpdate(Command, frozen=True, kw_only=True):
    """Write a signed update into the slot that does not run. Used from the next start."""

    file: str
    """Under the data folder's `updates`."""
    by: str = ""


class Restart(Command, frozen=True, kw_only=True):
    """Stop everything in order and start the machine again, or leave it off."""

    power_off: bool = False
    by: str = ""


class FactoryReset(Command, frozen=True, kw_only=True):
    """Forget everything at the next start, which follows at once."""

    keep_recordings: bool
    by: str = ""


class SetSsh(Command, frozen=True, kw_only=True):
    """Let one key in as root from the LAN; an empty key lets nobody in."""

    key: str = ""
    """A line of an authorized_keys file without options."""
    by: str = ""


class JudgeStart(Command, frozen=True, kw_only=True):
    """What the health check found after this start. Good marks the slot as good; not good starts
    the machine again where an update is on trial, so that the loader goes back after three."""

    is_good: bool
    sentence: str = ""
    by: str = ""


Privileged = (
    SetNetwork
    | ConfirmNetwork
    | TellState
    | SetReach
    | SetClock
    | SetTimeZone
    | InstallUpdate
    | Restart
    | FactoryReset
    | SetSsh
    | JudgeStart
)


class BoxState(Value, frozen=True, kw_only=True):
    """What TellState asks for."""

    slot: str = ""
    """A or B; empty where the machine was not started from one of two."""
    slot_on_trial: str = ""
    """Where an update stands that no start has judged yet."""
    address_on_trial: str = ""
    """"DHCP" or an address with its prefix; empty: none is."""
    address_seconds: float = 0.0
    """Until the box goes back to the former one."""
    start_judged_at: float = 0.0
    """Seconds since 1970; 0: no start was judged yet."""
    start_judged: str = ""
    """What became of the last health check."""
    start_is_good: bool = False
    is_ssh_on: bool = False


class CarriedOut(Event, frozen=True, kw_only=True):
    """It is done."""

    sentence: str
    state: BoxState | None = None
    """To TellState."""


class NotCarriedOut(Event, frozen=True, kw_only=True):
    """A rule says no, or something failed; nothing was changed unless the sentence says so."""

    key: str
    sentence: str
    remedy: str = ""


FromPrivileged = CarriedOut | NotCarriedOut
