"""Facts of single legs: how each is connected, who sent it on before it came here."""

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import ExtensionNumber, TrunkId
from appliance.vocabulary.lines import Cause, Diversion


class LegConnected(Fact, frozen=True, kw_only=True):
    """How an answered leg is connected; again when that has changed."""

    transport: str
    """What its signalling goes over: udp, tcp, tls."""
    is_encrypted: bool
    """Its sound is (SRTP)."""
    extension: ExtensionNumber | None = None
    number: str = ""
    """The number outside that we dialled; both empty: the caller."""
    trunk: TrunkId | None = None
    """Through which it was dialled; None: a phone, or the caller."""


class TrunkRefused(Fact, frozen=True, kw_only=True):
    """A call went out through a trunk, and nobody was reached there. The next trunk may follow."""

    trunk: TrunkId
    number: str
    cause: Cause


class CallDiverted(Fact, frozen=True, kw_only=True):
    """Somebody sent the call on before it came here, as the leg's carrier says."""

    by: Diversion


LegFact = LegConnected | CallDiverted | TrunkRefused
