"""All trunks' registrations and watches: one small machine for each. RFC 3261 §10.2, §11.

Theory of operation
-------------------
A trunk is *asking* while a request of ours is out, else *resting* until `due`. Success lets it
rest until shortly before the registration ends (or for the watch's interval), failure for a time
that grows to two minutes. `is_up` is None until the first answer or the first silence; every change
of it is told. A trunk that left the directory is *leaving*: its registration is taken back.

One hop is asked at a time and kept to while it answers. After a 503, a silence of `PATIENCE_S` or
without a connection the next hop is asked at once (RFC 3263 §4.3): the trunk is down only when all
have failed. A hop that was out is tried again first when its time is over, so that a registration
comes home to the carrier's first server.
"""

import msgspec

from appliance.protocols.sip.client_authorisation import with_password
from appliance.protocols.sip.core import Core, as_bytes, as_text
from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.events import TrunkChanged
from appliance.protocols.sip.failover import hop_of
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.grammar import display_text
from appliance.protocols.sip.keep_alive import KeepAlive
from appliance.protocols.sip.location import Hop
from appliance.protocols.sip.message import Response
from appliance.protocols.sip.registration import (
    granted,
    min_expires,
    refresh_after,
    register_request,
    trunk_flow,
)
from appliance.protocols.sip.timers import Timetable
from appliance.protocols.sip.transaction import Transaction
from appliance.protocols.sip.transaction_table import TransactionTable
from appliance.protocols.sip.watch import (
    INTERVAL_DOWN_S,
    INTERVAL_UP_S,
    is_alive,
    options_request,
)
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State

SLOT_PREFIX = "trunk:"
FIRST_PAUSE_S = 15.0
LONGEST_PAUSE_S = 120.0
NAMELESS_S = 15.0
"""After a start or a change of the site the name servers have so long to tell where a trunk is."""
RECONNECT_S = 1.0
"""After the loss of a connection; a carrier that restarts is not met by all its boxes at once."""
LEAST_BETWEEN_S = 20.0
"""A carrier that hangs up after each answer is not registered at every second."""
PATIENCE_S = 10.0
"""For one hop's answer: five requests have gone out by then over UDP."""


class TrunkState(State, kw_only=True):
    """What is remembered of one trunk."""

    trunk: str
    route: TrunkRoute
    """As it was when this began; another one in the directory begins anew."""
    call_id: bytes
    cseq: int = 0
    expires: int
    key: bytes = b""
    """The client transaction that is out."""
    tries: int = 0
    """Challenges answered for the request that is out."""
    failures: int = 0
    """In a row."""
    answered_at: Instant | None = None
    """The last good answer."""
    is_up: bool | None = None
    is_leaving: bool = False
    due: Instant | None = None
    """Resting: when to ask again. Asking: when patience ends."""
    hop: Hop | None = None
    """Who is asked, or was asked last."""
    home: Hop | None = None
    """Who has our registration."""
    tried: list[Hop] = []
    """Who has failed since the last success or rest."""


class Slot(State, kw_only=True):
    """What is kept over a restart."""

    trunk: TrunkState
    transactions: list[Transaction]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Slot)


class Trunks:
    """Keeps every trunk of the directory registered or watched."""

    def __init__(self, core: Core, transactions: TransactionTable, keep_alive: KeepAlive) -> None:
        self._core = core
        self._transactions = transactions
        self._keep_alive = keep_alive
        self._trunks: dict[str, TrunkState] = {}
        self._times: Timetable[str] = Timetable()
        self._nameless: Timetable[str] = Timetable()
        """Trunks that nobody can find, and when that is to be told."""

    def set(self, now: Instant) -> None:
        """Read the directory anew."""
        routes: dict[str, TrunkRoute] = {}
        for name in self._core.directory.trunks():
            route = self._core.directory.trunk(name)
            if route is not None:
                routes[name] = route
                self._nameless.set(name, None)
            elif name not in self._trunks:
                self._nameless.set(name, Instant(now + NAMELESS_S))
        for name, state in list(self._trunks.items()):
            found = routes.get(name)
            if found is not None and not state.is_leaving and _is_same(state, found):
                # the name server says more or less of the same carrier: nobody need know
                state.route = found
                self._changed(state)
            else:
                self._leave(state, now)
        for name, route in routes.items():
            if name not in self._trunks or self._trunks[name].is_leaving:
                self._begin(name, route, now)

    def _begin(self, name: str, route: TrunkRoute, now: Instant) -> None:
        state = TrunkState(
            trunk=name,
            route=route,
            call_id=as_bytes(self._core.random_text()),
            expires=route.expires,
        )
        self._trunks[name] = state
        self._ask(state, now)

    def _leave(self, state: TrunkState, now: Instant) -> None:
        if state.is_leaving:
            return
        state.is_leaving = True
        state.due = None
        if state.route.registers and state.is_up:
            self._ask(state, now)
        self._changed(state)
        self._core.may_be_over.add(SLOT_PREFIX + state.trunk)

    def settle(self, owner: str) -> None:
        """Forget a trunk that has left."""
        name = owner.removeprefix(SLOT_PREFIX)
        state = self._trunks.get(name)
        if state is None or not state.is_leaving or self._transactions.owned_by(owner):
            return
        del self._trunks[name]
        self._times.set(name, None)
        self._core.touched.add(owner)

    # --- asking ---------------------------------------------------------------------------------
    def registered_at(self, trunk: str) -> Hop | None:
        """Where this trunk's calls should go first: the hop that has our registration."""
        state = self._trunks.get(trunk)
        return state.home if state is not None else None

    def _ask(self, state: TrunkState, now: Instant) -> None:
        route = state.route
        state.hop = self._next_hop(state, now)
        flow = trunk_flow(self._core, route, state.hop)
        state.cseq += 1
        state.tries = 0
        call_id = as_text(state.call_id)
        if route.registers:
            expires = 0 if state.is_leaving else state.expires
            request = register_request(self._core, route, flow, call_id, state.cseq, expires)
        else:
            request = options_request(self._core, route, flow, call_id, state.cseq)
        owner = SLOT_PREFIX + state.trunk
        state.key = self._transactions.ask(request, flow, owner, now).key
        state.due = None if state.is_leaving else Instant(now + PATIENCE_S)
        self._changed(state)

    def _next_hop(self, state: TrunkState, now: Instant) -> Hop:
        """The first that did not fail in this round; the registration's own to take it back."""
        if state.is_leaving and state.home is not None:
            return state.home
        hops = self._core.outages.sorted(state.route.hops, now)
        return next((hop for hop in hops if hop not in state.tried), hops[0])

    def response_arrived(self, transaction: Transaction, response: Response, now: Instant) -> None:
        """A response to our REGISTER or OPTIONS."""
        state = self._trunks.get(transaction.owner.removeprefix(SLOT_PREFIX))
        if state is None or transaction.key != state.key or response.status < 200:
            return
        self._core.outages.heard(hop_of(transaction.flow), response, now)
        self._keep_alive.answered(response, transaction.flow, now)
        if self._retry(state, transaction, response, now) or state.is_leaving:
            return
        if not state.route.registers:
            self._watched(state, response, now)
        elif response.status < 300:
            state.answered_at = now
            request = self._transactions.request_of(transaction)
            state.home = hop_of(transaction.flow)
            seconds = granted(response, state.expires, request.headers.get("Contact") or "")
            self._rest(state, True, "registered", now + refresh_after(seconds))
        elif response.status == 423 and (wanted := min_expires(response)):
            if wanted > state.expires:
                state.expires = wanted
                self._ask(state, now)
            else:
                self._failed(state, "423", now)
        else:
            text = f"{response.status} {display_text(response.reason)}"
            self._failed(state, text, now, goes_on=response.status == 503)

    def _watched(self, state: TrunkState, response: Response, now: Instant) -> None:
        if is_alive(response.status):
            state.answered_at = now
            self._rest(state, True, "answers", now + INTERVAL_UP_S)
        else:
            text = f"{response.status} {display_text(response.reason)}"
            self._failed(state, text, now, goes_on=True)

    def _retry(
        self, state: TrunkState, transaction: Transaction, response: Response, now: Instant
    ) -> bool:
        request = self._transactions.request_of(transaction)
        again = with_password(
            self._core, request, response, transaction.flow, state.route, state.tries
        )
        if again is None or not state.route.registers:
            return False
        state.tries += 1
        state.cseq = again.cseq.number
        state.key = self._transactions.ask(again, transaction.flow, transaction.owner, now).key
        state.due = None if state.is_leaving else Instant(now + PATIENCE_S)
        self._changed(state)
        return True

    def no_response(
        self, transaction: Transaction, status: int, now: Instant, why: str = ""
    ) -> None:
        """Timer F (408), or no connection (503); `why` for people, where it is known."""
        state = self._trunks.get(transaction.owner.removeprefix(SLOT_PREFIX))
        if state is not None and transaction.key == state.key and not state.is_leaving:
            self._core.outages.failed(hop_of(transaction.flow), now)
            text = why or ("no reply" if status == 408 else "no connection")
            self._failed(state, text, now, goes_on=True)

    def _failed(self, state: TrunkState, text: str, now: Instant, *, goes_on: bool = False) -> None:
        """`goes_on`: in a way that another hop may mend (RFC 3263 §4.3)."""
        if state.hop is not None:
            state.tried.append(state.hop)
        if goes_on and any(hop not in state.tried for hop in state.route.hops):
            self._ask(state, now)
            return
        state.failures += 1
        pause = min(FIRST_PAUSE_S * 2 ** min(state.failures - 1, 8), LONGEST_PAUSE_S)
        if not state.route.registers:
            pause = INTERVAL_DOWN_S
        self._rest(state, False, text, now + pause)

    def _rest(self, state: TrunkState, is_up: bool, text: str, until: float) -> None:
        state.key = b""
        state.due = Instant(until)
        state.tried = []
        if is_up:
            state.failures = 0
        if state.is_up is not is_up:
            state.is_up = is_up
            self._core.tell(TrunkChanged(trunk=state.trunk, is_up=is_up, text=text))
        self._changed(state)

    def _changed(self, state: TrunkState) -> None:
        self._times.set(state.trunk, state.due)
        self._core.touched.add(SLOT_PREFIX + state.trunk)

    def connection_lost(self, flow: Flow, now: Instant) -> None:
        """The carrier reaches us over the connection of our registration (RFC 5626 §4.2): with
        that it is gone, whatever time it had left."""
        hop = hop_of(flow)
        for state in self._trunks.values():
            if not state.route.registers:
                continue  # nothing comes over a watch's connection; it asks in its own time
            if state.is_up and not state.key and not state.is_leaving and state.hop == hop:
                soon = now + RECONNECT_S
                if state.answered_at is not None:
                    soon = max(soon, state.answered_at + LEAST_BETWEEN_S)
                state.due = Instant(soon if state.due is None else min(soon, state.due))
                self._changed(state)

    # --- time and slots -------------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When the next trunk is to be asked."""
        due, other = self._times.next(), self._nameless.next()
        if due is None or other is None:
            return other if due is None else due
        return min(due, other)

    def wake(self, now: Instant) -> None:
        """Ask every trunk that has rested enough."""
        for name in self._nameless.take_due(now):
            if name in self._core.directory.trunks():
                self._core.tell(TrunkChanged(trunk=name, is_up=False, text="unknown host"))
        for name in self._times.take_due(now):
            state = self._trunks.get(name)
            if state is None:
                continue
            if state.key and state.hop is not None:
                # out of patience: whatever may come yet is of no interest any more
                self._core.outages.failed(state.hop, now)
                silent = self._transactions.find(state.key)
                if silent is not None:
                    self._transactions.drop(silent)
                self._failed(state, "no reply", now, goes_on=True)
            else:
                self._ask(state, now)

    def slot(self, name: str) -> bytes | None:
        """A trunk's slot."""
        state = self._trunks.get(name.removeprefix(SLOT_PREFIX))
        if state is None:
            return None
        transactions = self._transactions.owned_by(name)
        return _encoder.encode(Slot(trunk=state, transactions=transactions))

    def restore(self, content: bytes) -> None:
        """Put a trunk back."""
        kept = _decoder.decode(content)
        state = self._trunks[kept.trunk.trunk] = kept.trunk
        if state.is_up and state.route.registers and state.hop and state.hop.transport != "udp":
            # the connection that we registered over died with the process before us
            state.due = Instant(0.0)
        for transaction in kept.transactions:
            self._transactions.restore(transaction)
        self._changed(kept.trunk)


def _is_same(state: TrunkState, found: TrunkRoute) -> bool:
    """Whether the trunk is what it was, but for servers of which the one in use is not gone."""
    old = state.route
    same = msgspec.structs.replace(
        found,
        address=old.address, port=old.port, transport=old.transport, servers=old.servers,
    )  # fmt: skip
    return same == old and (state.hop is None or state.hop in found.hops)
