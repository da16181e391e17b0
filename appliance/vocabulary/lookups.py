"""What a flow asks of the world outside call control: a row of a table, the answer of a service.

A question is plain data: it stands in the call's slot until it is answered, and is asked again by
the process that follows a kill -9. Whoever answers may therefore be asked twice.
"""

from enum import StrEnum

from appliance.vocabulary.ids import CallId, Instant, NodeName, Seconds, ServiceId, TableId
from appliance.vocabulary.shape import Command, Event, Value


class TableQuestion(Value, frozen=True, kw_only=True, tag="table"):
    """Which row has this key?"""

    table: TableId
    key: str
    columns: dict[str, str] = {}
    """Variable to column; empty: every column whose name a variable may have."""


class ServiceQuestion(Value, frozen=True, kw_only=True, tag="service"):
    """What does this service of the site answer?"""

    service: ServiceId
    method: str = "GET"
    """GET or POST."""
    path: str = ""
    """Behind the service's own address; percent-encoded already."""
    body: str = ""
    """JSON; "" for none."""
    fields: dict[str, str] = {}
    """Variable to place in the answer: account.balance, orders.0.status."""
    cache: Seconds = Seconds(0.0)
    """An answer to the very same question that is no older will do."""


Question = TableQuestion | ServiceQuestion


class LookupResult(StrEnum):
    """What came of a question."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    """No table, no network, no answer in time, or none that could be read."""


class Answer(Value, frozen=True, kw_only=True):
    """What came of it, and what was found."""

    result: LookupResult
    values: dict[str, str] = {}
    """By variable."""
    text: str = ""
    """FAILED: why, in a few words."""


class Asked(Value, frozen=True, kw_only=True):
    """A question that a flow waits for."""

    number: int
    """Serial number in its run."""
    question: Question
    node: NodeName
    since: Instant
    until: Instant
    """Later answers come too late."""


class LookUp(Command, frozen=True, kw_only=True):
    """Find this out and answer with LookedUp; an answer that comes too late is of no use."""

    call: CallId
    number: int
    question: Question
    within: Seconds


class LookedUp(Event, frozen=True, kw_only=True):
    """The answer to LookUp."""

    call: CallId
    number: int
    answer: Answer


MOST_OF_A_VALUE = 200
"""Characters of a value that are kept."""
