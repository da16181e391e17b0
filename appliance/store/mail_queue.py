"""mail.db: letters that wait to be sent, and what became of them. Written by jobs only.

How far the journal was read stands in the same file and is written with the letters that came of
it: kill -9 or a power cut loses none and makes none twice. A letter that the server took, and that
a kill kept from being noted, is sent again with the same Message-ID (RFC 5322 section 3.6.4), by
which receivers tell a repeated one; SMTP itself cannot do better (RFC 5321 section 6.1).
"""

import sqlite3
from enum import StrEnum
from pathlib import Path

from appliance.store.reading import ReadFile
from appliance.store.schema import Family, opened_for_writing
from appliance.store.transaction import transaction
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import BoxName, RecordingId, Seconds, Utc
from appliance.vocabulary.shape import Value

MAIL = Family("linghe.mail")

MOST_DONE = 500
"""Letters that are sent or given up; older ones go."""


@MAIL.step
def letters_and_how_far(db: sqlite3.Connection) -> None:
    """The first form."""
    db.execute(
        "CREATE TABLE letters ("
        " number INTEGER PRIMARY KEY, recording TEXT NOT NULL, recipient TEXT NOT NULL,"
        " box TEXT NOT NULL, caller TEXT NOT NULL, at REAL NOT NULL, seconds REAL NOT NULL,"
        " file TEXT NOT NULL, added REAL NOT NULL, state TEXT NOT NULL,"
        " attempts INTEGER NOT NULL,"
        " next_try REAL NOT NULL, changed REAL NOT NULL, error TEXT NOT NULL,"
        " UNIQUE (recording, recipient))"
    )
    db.execute("CREATE INDEX letters_state ON letters (state, next_try)")
    db.execute("CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), row INTEGER)")


class LetterState(StrEnum):
    """What became of a letter."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"
    """The message was deleted before, or nobody wants it any more."""


class Letter(Value, frozen=True, kw_only=True):
    """One message to one address."""

    number: int = 0
    recording: RecordingId
    recipient: str
    box: BoxName
    caller: str
    at: Utc
    """When the message was left, by the box's clock."""
    seconds: Seconds
    file: str
    added: Utc = Utc(0.0)
    """When the letter was queued, by the machine's own clock, as the times below."""
    state: LetterState = LetterState.WAITING
    attempts: int = 0
    """In vain."""
    next_try: Utc = Utc(0.0)
    changed: Utc = Utc(0.0)
    error: str = ""
    """Of the last attempt."""


_COLUMNS = (
    "number, recording, recipient, box, caller, at, seconds, file, added, state, attempts,"
    " next_try, changed, error"
)


class MailQueue(ReadFile):
    """The file. Used by the thread that made it."""

    def __init__(self, path: Path, *, is_writer: bool) -> None:
        """Open or make it; for a reader it need not be there."""
        super().__init__(path, MAIL)
        if is_writer:
            self._connection = opened_for_writing(path, MAIL)

    def progress(self) -> int | None:
        """Return up to which row the journal was read; None: nothing has been."""
        rows = self._rows("SELECT row FROM progress")
        return int(rows[0][0]) if rows else None

    def read_up_to(self, row: int, letters: list[Letter] | None = None) -> None:
        """Note how far the journal was read, and the letters that came of it, at once."""
        with transaction(self._writer()):
            for one in letters or []:
                self._writer().execute(
                    "INSERT OR IGNORE INTO letters (recording, recipient, box, caller, at,"
                    " seconds, file, added, state, attempts, next_try, changed, error)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, '')",
                    (
                        one.recording,
                        one.recipient,
                        one.box,
                        one.caller,
                        one.at,
                        one.seconds,
                        one.file,
                        one.added,
                        LetterState.WAITING,
                        one.added,
                    ),
                )
            self._writer().execute("INSERT OR REPLACE INTO progress VALUES (1, ?)", (row,))

    def due(self, now: Utc) -> list[Letter]:
        """Return the letters whose turn it is, the oldest first."""
        return self._letters(
            "WHERE state = ? AND next_try <= ? ORDER BY number LIMIT 20",
            (LetterState.WAITING, now),
        )

    def before_attempt(self, letter: Letter, next_try: Utc) -> None:
        """Note that it is about to be sent, and is not due again before then. Raises EquipmentError
        where nothing can be noted (a full disk): then it is not to be sent."""
        with transaction(self._writer()):
            self._writer().execute(
                "UPDATE letters SET next_try = ?, changed = ? WHERE number = ?",
                (next_try, letter.changed, letter.number),
            )

    def after_attempt(self, letter: Letter) -> None:
        """Note what an attempt came to."""
        with transaction(self._writer()):
            self._writer().execute(
                "UPDATE letters SET state = ?, attempts = ?, next_try = ?, changed = ?, error = ?"
                " WHERE number = ?",
                (
                    letter.state,
                    letter.attempts,
                    letter.next_try,
                    letter.changed,
                    letter.error,
                    letter.number,
                ),
            )
            self._writer().execute(
                "DELETE FROM letters WHERE state <> ? AND number NOT IN"
                " (SELECT number FROM letters ORDER BY number DESC LIMIT ?)",
                (LetterState.WAITING, MOST_DONE),
            )

    def drop(self, recording: RecordingId, now: Utc) -> None:
        """The message is deleted: what waits of it is not sent."""
        with transaction(self._writer()):
            self._writer().execute(
                "UPDATE letters SET state = ?, changed = ? WHERE recording = ? AND state = ?",
                (LetterState.DROPPED, now, recording, LetterState.WAITING),
            )

    def waiting(self) -> list[Letter]:
        """Return the letters that are still to be sent, the oldest first."""
        return self._letters("WHERE state = ? ORDER BY number", (LetterState.WAITING,))

    def given_up(self, since: Utc) -> list[Letter]:
        """Return the letters given up since then, the oldest first."""
        return self._letters(
            "WHERE state = ? AND changed >= ? ORDER BY number", (LetterState.GIVEN_UP, since)
        )

    def sent(self) -> list[Letter]:
        """Return the letters that were sent, the oldest first; as far as they are kept."""
        return self._letters("WHERE state = ? ORDER BY number", (LetterState.SENT,))

    def _letters(self, where: str, bound: tuple[str | float, ...]) -> list[Letter]:
        rows = self._rows(f"SELECT {_COLUMNS} FROM letters {where}", bound)
        names = [name.strip() for name in _COLUMNS.split(",")]
        return [
            Letter(**{**dict(zip(names, row, strict=True)), "state": LetterState(row[9])})
            for row in rows
        ]

    def _writer(self) -> sqlite3.Connection:
        if self._connection is None:
            raise EquipmentError(f"{self._path.name} is closed")
        return self._connection
