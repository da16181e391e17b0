"""Rows of the journal as entries. One that cannot be understood is passed over and said.

A newer version may have written facts of a kind that this one does not know, before the box went
back to its old slot: a day's pages and reports are better without that one row than not at all.
"""

import logging
from collections.abc import Iterable

import msgspec

from appliance.vocabulary.journal import Entry

logger = logging.getLogger(__name__)
_decode = msgspec.json.Decoder(Entry).decode


def entry_of(row: int, body: str) -> Entry | None:
    """Return the entry that stands in a row; None where it is not understood."""
    try:
        return _decode(body)
    except msgspec.MsgspecError as error:
        logger.warning("row %s of the journal is passed over: %s", row, error)
        return None


def entries_of(rows: Iterable[tuple[int, str]]) -> list[Entry]:
    """Return what is understood, in order, of rows with their numbers."""
    found = (entry_of(row, body) for row, body in rows)
    return [entry for entry in found if entry is not None]
