"""What happened on the SIP side, as a line hears it. All strings are clean UTF-8.

After `hang_up` or `reject` no further event of that dialog follows: it was the line's own doing.
"""

from enum import StrEnum
from typing import NewType

from appliance.vocabulary.lines import Diversion
from appliance.vocabulary.shape import Event, Value

DialogId = NewType("DialogId", str)
"""One INVITE usage, from INVITE to BYE; ours, not the Call-ID. Survives a restart."""


class KeysInInfo(StrEnum):
    """What a far end's headers say of keys in INFO bodies."""

    WANTED = "wanted"
    """It names a type of body, or a package, that tells of keys."""
    POSSIBLE = "possible"
    """It knows the method, or says nothing of it."""
    REFUSED = "refused"
    """It lists the methods that it knows, and INFO is not among them."""


class FromTrunk(Value, frozen=True, kw_only=True, tag="trunk", tag_field="origin"):
    """A carrier or gateway, known by its address."""

    trunk: str


class FromAccount(Value, frozen=True, kw_only=True, tag="account", tag_field="origin"):
    """A user who has shown the password."""

    user: str


class FromGuest(Value, frozen=True, kw_only=True, tag="guest", tag_field="origin"):
    """Anybody at an address where guests are allowed."""

    address: str


Origin = FromTrunk | FromAccount | FromGuest


class InviteArrived(Event, frozen=True, kw_only=True):
    """Somebody calls. 100 was sent already; say ring, answer or reject."""

    dialog: DialogId
    origin: Origin
    from_user: str
    from_name: str
    asserted_user: str = ""
    """P-Asserted-Identity and its like (RFC 3325), honoured only from trunks."""
    asserted_name: str = ""
    is_withheld: bool = False
    """The caller asks for privacy (RFC 3323)."""
    diversion: Diversion | None = None
    """Who sent the call on (RFC 5806, RFC 7044)."""
    called_user: str
    """User part of the Request-URI."""
    to_user: str
    """User part of To: some carriers put the dialled number only here."""
    sdp: bytes
    """The offer; empty: they want ours in `answer`, theirs comes as AnswerArrived."""
    sip_call_id: str
    user_agent: str = ""
    source_address: str
    transport: str = ""
    """`udp`, `tcp` or `tls`."""
    replaces: DialogId | None = None
    """The dialog that this one takes the place of (RFC 3891)."""
    is_proven: bool = True
    """Whoever signals is known to be where the INVITE came from: over a connection, or by a nonce
    of ours. A datagram's source alone can be forged; then AnswerProven may follow."""
    keys_in_info: KeysInInfo = KeysInInfo.POSSIBLE


class AnswerProven(Event, frozen=True, kw_only=True):
    """They have shown that an answer of ours reached them: an ACK, a PRACK or another request that
    names our tag. Once, and only where InviteArrived was not proven."""

    dialog: DialogId


class InviteRinging(Event, frozen=True, kw_only=True):
    """One of the called phones, or the trunk, sent 180 or 183."""

    dialog: DialogId
    status: int
    sdp: bytes = b""


class InviteAnswered(Event, frozen=True, kw_only=True):
    """The called side answered (the ACK was sent); all other phones were cancelled."""

    dialog: DialogId
    sdp: bytes
    source_address: str = ""
    transport: str = ""
    keys_in_info: KeysInInfo = KeysInInfo.POSSIBLE


class InviteRefused(Event, frozen=True, kw_only=True):
    """Nobody answered; `status` is the best of all failures. 408: no reply at all."""

    dialog: DialogId
    status: int
    reason: str


class DialogEnded(Event, frozen=True, kw_only=True):
    """The far end hung up, cancelled, or was lost."""

    dialog: DialogId
    reason: str
    """For people: `bye`, `cancel`, `no ACK`, or what the Reason header says."""
    was_cancelled: bool = False
    """True: given up before the answer."""
    status: int = 0
    """Cause code where a Reason header or failed request gave one (RFC 3326), SIP codes."""


class ReofferArrived(Event, frozen=True, kw_only=True):
    """They want other audio (re-INVITE or UPDATE); say `answer_reoffer`.

    An empty `sdp` asks for our offer; their answer then comes as AnswerArrived.
    """

    dialog: DialogId
    sdp: bytes


class AnswerArrived(Event, frozen=True, kw_only=True):
    """The answer to an offer of ours: to `reoffer`, or in the ACK after a late offer."""

    dialog: DialogId
    sdp: bytes


class ReofferRefused(Event, frozen=True, kw_only=True):
    """Our `reoffer` was refused; the dialog goes on as before."""

    dialog: DialogId
    status: int


class RefreshWanted(Event, frozen=True, kw_only=True):
    """The talk is to be refreshed (RFC 4028) and the far end takes no UPDATE: say `reoffer` with
    what was said last."""

    dialog: DialogId


class InfoArrived(Event, frozen=True, kw_only=True):
    """INFO inside a dialog (RFC 2976, 6086); 200 was sent already."""

    dialog: DialogId
    content_type: str
    """Lower case, without parameters."""
    body: bytes


class InfoRefused(Event, frozen=True, kw_only=True):
    """An INFO of ours was refused; the dialog goes on."""

    dialog: DialogId
    status: int
    """408: it was never answered."""
    bodies: tuple[bytes, ...]
    """What did not reach the far end, oldest first: the refused one, and those behind it."""


class ReferArrived(Event, frozen=True, kw_only=True):
    """They ask us to hand their other party on (RFC 3515); say `tell_referral`, and soon."""

    dialog: DialogId
    to_user: str
    """Whom to: user part of a URI of ours; may be empty where `replaces` is set."""
    replaces: DialogId | None = None
    """The dialog whose far end is to be taken over (RFC 3891), attended transfer."""


class ReferralOver(Event, frozen=True, kw_only=True):
    """Nothing more can be told of an asked transfer: they stopped listening, or it took too long.

    The only event that may follow DialogEnded.
    """

    dialog: DialogId


class Registered(Event, frozen=True, kw_only=True):
    """A phone registered or refreshed."""

    user: str
    where: str
    user_agent: str
    expires: int
    transport: str = ""


class Unregistered(Event, frozen=True, kw_only=True):
    """The last contact of this user is gone."""

    user: str
    is_silent: bool = False
    """It did not say so: it answers no more (phone_watch). Registered tells that it is back."""


class TrunkChanged(Event, frozen=True, kw_only=True):
    """A trunk's registration or OPTIONS watch changed its mind."""

    trunk: str
    is_up: bool
    text: str


SipEvent = (
    InviteArrived
    | AnswerProven
    | InviteRinging
    | InviteAnswered
    | InviteRefused
    | DialogEnded
    | ReofferArrived
    | AnswerArrived
    | ReofferRefused
    | RefreshWanted
    | InfoArrived
    | InfoRefused
    | ReferArrived
    | ReferralOver
    | Registered
    | Unregistered
    | TrunkChanged
)
