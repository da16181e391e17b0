"""All transactions of the user agent: matching, sending, repeating. RFC 3261 §17.1.3, §17.2.3.

A transaction is found by a key made of what §17 tells to compare. From RFC 2543 peers, whose
branch means nothing, the key is made of Call-ID, From tag, CSeq and the topmost Via. The CSeq
number is in every key: a client that takes the same branch for its second try with a password
(pyVoIP does) is still told apart.
"""

from appliance.protocols.sip.core import Core, as_bytes, reply_flow
from appliance.protocols.sip.flow import Flow, same_place
from appliance.protocols.sip.headers import MAGIC_COOKIE
from appliance.protocols.sip.message import (
    Headers,
    Request,
    Response,
    mark_source,
    parse_message,
)
from appliance.protocols.sip.timers import Timetable
from appliance.protocols.sip.transaction import (
    FIRST,
    Act,
    Input,
    Kind,
    Stage,
    Timer,
    Transaction,
    enter,
    step,
)
from appliance.vocabulary.errors import IllegalMove, PeerError
from appliance.vocabulary.ids import Instant

MAX_TRANSACTIONS = 4096
"""design/security.md: tables of fixed size. A bridged call takes six for half a minute."""


LINGERING = frozenset(
    (
        (Kind.INVITE_SERVER, Stage.CONFIRMED),
        (Kind.INVITE_SERVER, Stage.ACKNOWLEDGED),
        (Kind.SERVER, Stage.COMPLETED),
        (Kind.INVITE_CLIENT, Stage.COMPLETED),
        (Kind.INVITE_CLIENT, Stage.ACCEPTED),
        (Kind.CLIENT, Stage.COMPLETED),
    )
)
_HEARD = frozenset((Stage.CONFIRMED, Stage.ACKNOWLEDGED))
_GIVES_UP = {
    (Kind.INVITE_CLIENT, Stage.CALLING): Timer.B,
    (Kind.CLIENT, Stage.TRYING): Timer.F,
}


def server_key(request: Request, method: str) -> bytes:
    """The key of the server transaction that a request of `method` would be in."""
    via = request.via
    branch = via.branch or ""
    number = request.cseq.number
    if branch.startswith(MAGIC_COOKIE):
        where = f"{via.host.lower()}:{via.port or 5060}"
        return as_bytes(f"s|{branch}|{where}|{number}|{method}")
    # RFC 2543: §17.2.3 compares all of these (To tags differ between INVITE and ACK)
    tag = request.from_.tag or ""
    where = f"{via.host.lower()}:{via.port or 5060}"
    return as_bytes(f"o|{request.call_id}|{tag}|{where}|{branch}|{number}|{method}")


def client_key(branch: str, method: str) -> bytes:
    """The key of a client transaction of ours."""
    return as_bytes(f"c|{branch}|{method}")


def failure_input(status: int) -> Input:
    """Which input a response's status is, when received."""
    if status < 200:
        return Input.RECEIVED_1XX
    return Input.RECEIVED_2XX if status < 300 else Input.RECEIVED_FAILURE


class TransactionTable:
    """Every live transaction, by key and by the slot that keeps it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._by_key: dict[bytes, Transaction] = {}
        self._by_owner: dict[str, dict[bytes, Transaction]] = {}
        self._requests: dict[bytes, Request] = {}
        """Requests as parsed, so that they need not be parsed again for each response. Only
        memory: after a restart they are parsed from what the transaction keeps."""
        self._times: Timetable[bytes] = Timetable()
        self._lingering: dict[bytes, None] = {}
        """Those that only swallow late repetitions, the oldest first: they make room when the
        table is full, for a busy hour ends more calls in 32 s than the table has places."""

    def __len__(self) -> int:
        return len(self._by_key)

    @property
    def is_full(self) -> bool:
        """Whether new requests are refused."""
        return len(self._by_key) - len(self._lingering) >= MAX_TRANSACTIONS

    def find(self, key: bytes) -> Transaction | None:
        """The transaction of this key."""
        return self._by_key.get(key)

    def owned_by(self, owner: str) -> list[Transaction]:
        """All transactions kept in a slot."""
        return list(self._by_owner.get(owner, {}).values())

    def request_of(self, transaction: Transaction) -> Request:
        """The request of a transaction."""
        request = self._requests.get(transaction.key)
        if request is None:
            parsed = parse_message(transaction.request)
            if not isinstance(parsed, Request):
                raise IllegalMove("a transaction that keeps no request")
            request = parsed
            if transaction.kind in (Kind.SERVER, Kind.INVITE_SERVER):
                flow = transaction.flow
                mark_source(request, flow.remote_address, flow.remote_port)
            self._requests[transaction.key] = request
        return request

    # --- beginning ------------------------------------------------------------------------------
    def serve(
        self, request: Request, data: bytes, flow: Flow, owner: str, now: Instant
    ) -> Transaction:
        """Open the server transaction of a request that came in."""
        is_invite = request.method == "INVITE"
        kind = Kind.INVITE_SERVER if is_invite else Kind.SERVER
        key = server_key(request, request.method)
        return self._open(kind, key, request, data, reply_flow(request, flow), owner, now)

    def ask(self, request: Request, flow: Flow, owner: str, now: Instant) -> Transaction:
        """Open the client transaction of a request of ours, and send it."""
        kind = Kind.INVITE_CLIENT if request.method == "INVITE" else Kind.CLIENT
        key = client_key(request.branch, request.method)
        data = request.to_bytes()
        transaction = self._open(kind, key, request, data, flow, owner, now)
        self._core.send(data, flow)
        return transaction

    def _open(
        self, kind: Kind, key: bytes, request: Request, data: bytes, flow: Flow, owner: str,
        now: Instant,
    ) -> Transaction:  # fmt: skip
        transaction = Transaction(
            kind=kind,
            key=key,
            method=request.method,
            flow=flow,
            owner=owner,
            stage=FIRST[kind],
            request=data,
        )
        enter(transaction, FIRST[kind], now)
        while len(self._by_key) >= MAX_TRANSACTIONS and self._lingering:
            self.drop(self._by_key[next(iter(self._lingering))])
        self._put(transaction)
        self._requests[key] = request
        return transaction

    def _put(self, transaction: Transaction) -> None:
        key = transaction.key
        self._by_key[key] = transaction
        self._by_owner.setdefault(transaction.owner, {})[key] = transaction
        self._arm(transaction)
        self._note_lingering(transaction)
        self._core.touched.add(transaction.owner)

    def restore(self, transaction: Transaction) -> None:
        """Put back a transaction that a slot kept; its timers hold."""
        self._put(transaction)

    def drop(self, transaction: Transaction) -> None:
        """End a transaction now, whatever may still come."""
        key = transaction.key
        self._by_key.pop(key, None)
        self._requests.pop(key, None)
        self._lingering.pop(key, None)
        self._times.set(key, None)
        owned = self._by_owner.get(transaction.owner)
        if owned is not None:
            owned.pop(key, None)
            if not owned:
                del self._by_owner[transaction.owner]
        self._core.touched.add(transaction.owner)
        self._core.may_be_over.add(transaction.owner)

    # --- moving ---------------------------------------------------------------------------------
    def respond(self, transaction: Transaction, response: Response, now: Instant) -> None:
        """Send a response in a server transaction. Raises IllegalMove after its final one."""
        status = response.status
        if status < 200:
            heard = Input.SENT_1XX
        else:
            heard = Input.SENT_2XX if status < 300 else Input.SENT_FAILURE
        data = response.to_bytes()
        acts = step(transaction, heard, now)
        transaction.response = data
        self._carry_out(transaction, acts)
        self._after(transaction)

    def hear(self, transaction: Transaction, heard: Input, now: Instant) -> bool:
        """Give an input from the wire; True when the user is to be told."""
        before = transaction.stage
        acts = step(transaction, heard, now)
        if heard is Input.RECEIVED_AGAIN and acts:
            self._core.counters.retransmissions += 1
        self._carry_out(transaction, acts)
        if transaction.stage is not before:
            self._after(transaction)
        return Act.TELL in acts

    def hear_response(self, transaction: Transaction, response: Response, now: Instant) -> bool:
        """Give a client transaction its response; True when the user is to be told."""
        heard = failure_input(response.status)
        if (
            heard is Input.RECEIVED_FAILURE
            and transaction.kind is Kind.INVITE_CLIENT
            and not transaction.ack
        ):
            transaction.ack = ack_of(self.request_of(transaction), response).to_bytes()
        return self.hear(transaction, heard, now)

    def _carry_out(self, transaction: Transaction, acts: tuple[Act, ...]) -> None:
        send, flow = self._core.send, transaction.flow
        for act in acts:
            if act is Act.SEND_REQUEST:
                send(transaction.request, flow)
            elif act is Act.SEND_RESPONSE and transaction.response:
                send(transaction.response, flow)
            elif act is Act.SEND_ACK:
                send(transaction.ack, flow)

    def _after(self, transaction: Transaction) -> None:
        if transaction.stage is Stage.TERMINATED:
            self.drop(transaction)
        else:
            self._arm(transaction)
            self._note_lingering(transaction)
            self._core.touched.add(transaction.owner)

    def _note_lingering(self, transaction: Transaction) -> None:
        """Note a transaction that has done its work; a server's request is not needed any more."""
        if (transaction.kind, transaction.stage) not in LINGERING:
            return
        self._lingering[transaction.key] = None
        if transaction.kind in (Kind.SERVER, Kind.INVITE_SERVER):
            transaction.request = b""
            self._requests.pop(transaction.key, None)
            if transaction.stage in _HEARD:  # they have it, nothing repeats it
                transaction.response = b""

    def _arm(self, transaction: Transaction) -> None:
        due = transaction.due
        self._times.set(transaction.key, min(due.values()) if due else None)

    # --- time -----------------------------------------------------------------------------------
    def wake_at(self) -> Instant | None:
        """When the next timer is due."""
        return self._times.next()

    def wake(self, now: Instant) -> list[Transaction]:
        """Fire every timer that is due; return the transactions that were given up."""
        given_up = []
        for key in self._times.take_due(now):
            transaction = self._by_key.get(key)
            if transaction is None:
                continue
            before = transaction.stage
            for timer in sorted(transaction.due, key=lambda t: transaction.due[t]):
                if timer in transaction.due and transaction.due[timer] <= now:
                    if self._fire(transaction, timer, now):
                        given_up.append(transaction)
            if transaction.stage is Stage.TERMINATED:
                self.drop(transaction)
            else:
                self._arm(transaction)
                if transaction.stage is not before:
                    self._core.touched.add(transaction.owner)
        return given_up

    def _fire(self, transaction: Transaction, timer: Timer, now: Instant) -> bool:
        acts = step(transaction, timer, now)
        if acts and acts[0] is not Act.GIVE_UP:
            self._core.counters.retransmissions += 1
        self._carry_out(transaction, acts)
        return Act.GIVE_UP in acts

    def hush(self, transaction: Transaction) -> None:
        """Repeat a request of ours no more, but go on waiting for what may come back."""
        transaction.due.pop(Timer.A, None)
        self._arm(transaction)
        self._core.touched.add(transaction.owner)

    # --- connections ----------------------------------------------------------------------------
    def connection_lost(self, flow: Flow) -> None:
        """A TCP connection is gone: what waits on it goes over a new one.

        Nothing is given up (RFC 3261 §18.4 would have it so, but a call outlives its flow). A
        request that was not answered may have been lost with the connection, so it is sent again;
        the other side knows the branch if it had it already.
        """
        for transaction in list(self._by_key.values()):
            if transaction.flow.connection != flow.connection:
                continue
            self._take_to(transaction, without_connection(transaction.flow))

    def connections_died(self, transport: str) -> None:
        """All connections of this transport are gone."""
        lost = {
            transaction.flow.connection: transaction.flow
            for transaction in self._by_key.values()
            if transaction.flow.transport == transport and transaction.flow.connection
        }
        for flow in lost.values():
            self.connection_lost(flow)

    def moved(self, old: Flow, new: Flow) -> None:
        """A phone has another connection now: what waits goes over that one."""
        for transaction in list(self._by_key.values()):
            if same_place(transaction.flow, old):
                self._take_to(transaction, new)

    def _take_to(self, transaction: Transaction, flow: Flow) -> None:
        transaction.flow = flow
        if (transaction.kind, transaction.stage) in _GIVES_UP:
            self._core.send(transaction.request, flow)
        self._core.touched.add(transaction.owner)

    def unreachable(self, flow: Flow, now: Instant) -> list[Transaction]:
        """No connection could be made: give up the requests that wait for it, as B and F would."""
        given_up = []
        for transaction in list(self._by_key.values()):
            timer = _GIVES_UP.get((transaction.kind, transaction.stage))
            way = transaction.flow
            if timer is None or not same_place(way, flow):
                continue
            if way.connection in ("", flow.connection) and self._fire(transaction, timer, now):
                given_up.append(transaction)
                self._after(transaction)
        return given_up


def without_connection(flow: Flow) -> Flow:
    """The same two addresses, over whatever connection there is or can be made."""
    return Flow(
        name=flow.name,
        transport=flow.transport,
        local_address=flow.local_address,
        local_port=flow.local_port,
        remote_address=flow.remote_address,
        remote_port=flow.remote_port,
    )


def ack_of(invite: Request, response: Response) -> Request:
    """The ACK of a failure (RFC 3261 §17.1.1.3): the INVITE's Via, and the response's To."""
    fields = [("Via", invite.headers.get("Via") or ""), ("Max-Forwards", "70")]
    fields += [("Route", route) for route in invite.headers.all("Route")]
    to = response.headers.get("To")
    if to is None:
        raise PeerError("a response without To")
    fields += [
        ("From", invite.headers.get("From") or ""),
        ("To", to),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq.number} ACK"),
    ]
    return Request("ACK", invite.uri, Headers.of_canonical(fields))


def cancel_of(invite: Request) -> Request:
    """The CANCEL of an INVITE (§9.1): the same Via, To, From, Call-ID and Route."""
    fields = [("Via", invite.headers.get("Via") or ""), ("Max-Forwards", "70")]
    fields += [("Route", route) for route in invite.headers.all("Route")]
    fields += [
        ("From", invite.headers.get("From") or ""),
        ("To", invite.headers.get("To") or ""),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq.number} CANCEL"),
    ]
    return Request("CANCEL", invite.uri, Headers.of_canonical(fields))
