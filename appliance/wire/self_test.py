"""What the test phone is told (one JSON document on its input) and tells (one on its output).

The phone is a short-lived program of its own (daemons/self_test); `linghe selftest` starts it.
"""

from appliance.vocabulary.shape import Value


class PhoneOrder(Value, frozen=True, kw_only=True):
    """Whom to be and what to dial. The password never stands in an argument list."""

    address: str
    port: int
    user: str
    secret: str
    dial: str
    key: str
    seconds: float
    """All must be over by then."""


class PhoneReport(Value, frozen=True, kw_only=True):
    """What the phone lived through; None: it did not come to that."""

    registered_s: float | None = None
    answered_ms: float | None = None
    prompt_ms: float | None = None
    """From the answer to the first sound of the prompt."""
    prompt_dbfs: float | None = None
    echo_ms: float | None = None
    """From the key's first tone to the first echo of the phone's own tone."""
    echo_s: float = 0.0
    """How long it heard itself."""
    echo_dbfs: float | None = None
    farewell_heard: bool = False
    hung_up_by_box: bool = False
    sip_call_id: str = ""
    trouble: str = ""
