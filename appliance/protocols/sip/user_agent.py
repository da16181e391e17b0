"""The SIP user agent: bytes and verbs in, bytes and events out. RFC 3261 §8, 9, 12 to 15, 18.

It knows nothing of calls (rule 2) and does no input or output (rule 1).
"""

from collections.abc import Callable

from appliance.protocols.sip.directory import Binding, Directory, Target
from appliance.protocols.sip.events import DialogId, SipEvent
from appliance.protocols.sip.flow import Flow, Outgoing
from appliance.vocabulary.ids import Instant


class UserAgent:
    """One SIP element: both sides of calls, registrar, trunk registrations and watches."""

    def __init__(
        self, *, key: bytes, directory: Directory, random_text: Callable[[], str], product: str
    ) -> None: ...

    # --- bytes doors ----------------------------------------------------------------------------
    def receive(self, data: bytes, flow: Flow, now: Instant) -> list[SipEvent]:
        """Take one UDP datagram or one chunk of a TCP connection."""
        raise NotImplementedError

    def connection_lost(self, flow: Flow, now: Instant) -> None:
        """A TCP connection is gone. Never tears a call down."""

    def outgoing(self) -> list[Outgoing]:
        """Drain what is to be sent."""
        raise NotImplementedError

    # --- time -----------------------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When `wake` wants to be called next."""
        raise NotImplementedError

    def wake(self, now: Instant) -> list[SipEvent]:
        """Do everything that is due."""
        raise NotImplementedError

    # --- slots ----------------------------------------------------------------------------------
    def take_touched(self) -> set[str]:
        """Names of slots changed since the last call."""
        raise NotImplementedError

    def slot(self, name: str) -> bytes | None:
        """Content of a slot, or None when it no longer exists."""
        raise NotImplementedError

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back after a restart."""

    # --- verbs ----------------------------------------------------------------------------------
    def ring(self, dialog: DialogId, now: Instant, sdp: bytes | None = None) -> None:
        """180, or 183 with early media's SDP."""

    def answer(self, dialog: DialogId, sdp: bytes, now: Instant) -> None:
        """200, retransmitted until the ACK."""

    def reject(self, dialog: DialogId, status: int, reason: str, now: Instant) -> None:
        """A final failure."""

    def invite(
        self,
        target: Target,
        *,
        sdp: bytes,
        from_user: str,
        from_name: str,
        to_user: str,
        now: Instant,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> DialogId:
        """Call a user's phones or through a trunk."""
        raise NotImplementedError

    def hang_up(self, dialog: DialogId, now: Instant, status: int | None = None,
                reason: str = "") -> None:
        """End it in whatever state it is. No event follows."""

    def answer_reoffer(self, dialog: DialogId, sdp: bytes | None, now: Instant) -> None:
        """Accept (or with None refuse, 488) what ReofferArrived told."""

    def reoffer(self, dialog: DialogId, sdp: bytes, now: Instant) -> None:
        """Re-INVITE; AnswerArrived or ReofferRefused follows."""

    # --- what is known --------------------------------------------------------------------------
    def contacts(self, user: str) -> tuple[Binding, ...]:
        """Where this user is registered."""
        raise NotImplementedError

    def set_trunks(self, now: Instant) -> None:
        """Read the directory's trunks anew: start and stop registrations and watches."""

    def near_address(self, dialog: DialogId) -> str:
        """Our IP address toward this dialog's far end, for the SDP."""
        raise NotImplementedError

    def near_address_toward(self, target: Target) -> str:
        """Our IP address toward a target, for the SDP of an INVITE."""
        raise NotImplementedError
