"""What comes of voicemail messages beside calls: e-mails with the sound, and sounds to be removed.

Theory of operation. One thread reads the journal row after row. A message that has arrived becomes
a letter for each address of its box; a message that was deleted loses its file. How far it has read
and the letters stand in one file (store/mail_queue.py), written at once. Then the letters whose
turn it is are sent: what the server does not take is tried again after 30 s, 1, 2, 4 … 60 minutes;
what it refuses for good, or has not taken for three days, is given up and stays to be seen
(`linghe doctor`). Calls know nothing of all this.

A letter is noted as tried before it is sent: where the disk is full nothing is sent. What became
of it is kept in memory until it could be noted, so a disk that fills up meanwhile sends none twice.
"""

import logging
import smtplib
import time
from threading import Event, Thread

from msgspec.structs import replace

from appliance.daemons.jobs.mail_letter import Unsendable, letter_of, sealed_sound, send
from appliance.daemons.paths import Paths
from appliance.store.journal_tail import JournalTail
from appliance.store.mail_queue import Letter, LetterState, MailQueue
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import ApplianceError, PeerError
from appliance.vocabulary.facts_messages import MessageArrived, MessageDeleted
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.settings import Site

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
FIRST_RETRY_S = 30.0
LONGEST_RETRY_S = 3600.0
GIVE_UP_S = 3 * 86_400.0
AFTER_TROUBLE_S = 5.0
ROWS = 500
NOTED_ROWS = 5000
"""Rows without a message, after which it is noted all the same how far the journal was read: what
was not noted is read again after a restart, and has nothing in it."""


Unnoted = dict[int, Letter]
"""By number: letters whose attempt is over, and not noted yet."""


def retry_after(attempts: int) -> float:
    """Return the seconds to wait after so many attempts in vain.

    >>> [retry_after(number) for number in (1, 2, 3, 9)]
    [30.0, 60.0, 120.0, 3600.0]
    """
    return float(min(FIRST_RETRY_S * 2 ** min(attempts - 1, 20), LONGEST_RETRY_S))


class Messages:
    """One for a box."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="messages", daemon=True)
        self._unnoted: Unnoted = {}

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done; a letter that is on its way is sent again."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._mind()
            except ApplianceError as error:
                logger.warning("messages: %s", error)
            except Exception:  # the last guard of the thread
                logger.exception("messages failed")
            self._stopped.wait(AFTER_TROUBLE_S)

    def _mind(self) -> None:
        queue = MailQueue(self._paths.mail, is_writer=True)
        tail = JournalTail(self._paths.calls)
        settings = SettingsStore(self._paths.settings)
        try:
            turn = MessageTurn(self._paths, queue, tail, settings, self._unnoted)
            turn.begin()
            while not self._stopped.wait(LOOK_EVERY_S):
                turn.read(Utc(time.time()))
                turn.post(Utc(time.time()))
        finally:
            settings.close()
            tail.close()
            queue.close()


class MessageTurn:
    """What the thread works with, opened in it."""

    def __init__(
        self,
        paths: Paths,
        queue: MailQueue,
        tail: JournalTail,
        settings: SettingsStore,
        unnoted: Unnoted,
    ) -> None:
        """`unnoted` outlives it: the thread begins a new turn after trouble with the disk."""
        self._paths, self._queue, self._tail, self._settings = paths, queue, tail, settings
        self._unnoted = unnoted
        self._row = self._noted_row = 0

    def begin(self) -> None:
        """Go on where it was left; a box that begins has nothing to send of what was before, nor
        has one whose journal is an older one, from a backup."""
        last, row = self._tail.last(), self._queue.progress()
        if row is None or row > last:
            row = last
            self._queue.read_up_to(row)
        self._row = self._noted_row = row

    def read(self, now: Utc) -> None:
        """Read what is new in the journal."""
        if not self._tail.has_news():
            return
        while True:
            row, entries = self._tail.only(self._row, ROWS, (MessageArrived, MessageDeleted))
            if row == self._row:
                return
            if entries or row > self._noted_row + NOTED_ROWS:
                self._take(entries, row, now)
            self._row = row

    def _take(self, entries: list[Entry], row: int, now: Utc) -> None:
        site = self._settings.current()
        for entry in entries:
            if isinstance(entry.fact, MessageDeleted):
                self._remove(entry.fact, now)
        letters = [letter for entry in entries for letter in _letters(entry, site, now)]
        self._queue.read_up_to(row, letters)
        self._noted_row = row

    def post(self, now: Utc) -> None:
        """Send what is due."""
        self._note()
        for letter in self._queue.due(now):
            letter = replace(letter, changed=now)
            again = Utc(now + retry_after(letter.attempts + 1))
            self._queue.before_attempt(letter, again)
            done = self._attempt(letter, self._settings.current(), now)
            self._unnoted[letter.number] = done
            self._note()
            if done.state is LetterState.GIVEN_UP:
                logger.error("mail to %s was given up: %s", done.recipient, done.error)
            elif done.error and done.attempts == 1:
                logger.warning("mail to %s: %s", done.recipient, done.error)

    def _note(self) -> None:
        """Write down what became of letters. Raises EquipmentError; then it is done later."""
        for number, done in list(self._unnoted.items()):
            self._queue.after_attempt(done)
            del self._unnoted[number]

    def _attempt(self, letter: Letter, site: Site, now: Utc) -> Letter:
        sound = sealed_sound(self._paths.recordings, letter.file)
        if sound is None or not site.mail.server:
            return replace(letter, state=LetterState.DROPPED)
        try:
            secret = Secrets(self._paths.secrets, bytes).mail_secret()
            send(letter_of(letter, site, sound), site.mail, secret)
        except (Unsendable, PeerError) as refused:
            return replace(letter, state=LetterState.GIVEN_UP, error=str(refused))
        except (OSError, smtplib.SMTPException, UnicodeError) as failure:
            return self._failed(letter, now, failure)
        return replace(letter, state=LetterState.SENT, error="")

    def _failed(self, letter: Letter, now: Utc, failure: Exception) -> Letter:
        attempts = letter.attempts + 1
        error = (str(failure) or type(failure).__name__)[:200]
        is_late = now - letter.added > GIVE_UP_S and attempts > 1
        return replace(
            letter,
            attempts=attempts,
            error=error,
            next_try=Utc(now + retry_after(attempts)),
            state=LetterState.GIVEN_UP if is_late else LetterState.WAITING,
        )

    def _remove(self, fact: MessageDeleted, now: Utc) -> None:
        """The sound goes; done again after a kill it does nothing."""
        self._queue.drop(fact.recording, now)
        folder = self._paths.recordings.resolve()
        path = (folder / fact.file).resolve()
        if not fact.file or not path.is_relative_to(folder) or path.stem != fact.recording:
            return
        try:
            # The sidecar first: without it nothing names the sound any more.
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("recording=%s cannot be removed: %s", fact.recording, error)


def _letters(entry: Entry, site: Site, now: Utc) -> list[Letter]:
    fact = entry.fact
    if not isinstance(fact, MessageArrived) or not site.mail.server:
        return []
    box = next((one for one in site.voicemail_box if one.id == fact.box), None)
    return [
        Letter(
            recording=fact.recording,
            recipient=address,
            box=fact.box,
            caller=fact.caller,
            at=entry.at,
            seconds=fact.seconds,
            file=fact.file,
            added=now,
        )
        for address in (box.email if box is not None else ())
    ]
