"""The call record as a function of the call's entries."""

from collections.abc import Sequence

from appliance.vocabulary.journal import Entry
from appliance.vocabulary.records import CallRecord


def record_of(entries: Sequence[Entry]) -> CallRecord | None:
    """Return the call's record; None where its CallEntered is not among the entries."""
    raise NotImplementedError
