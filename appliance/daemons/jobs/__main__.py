"""`python -m appliance.daemons.jobs`: seals recordings as control asks for them.

One thread, one loop: listen to control for a moment, read on in the journals, seal what is
wanted, now and then remove journals that are spent. A recording is told to control as sealed
only when its file is synced; if it was sealed before (we were killed in between, or control
forgot) its sidecar answers. No audio at all is told as a file "" of 0 seconds.
"""

import logging
import signal
import sys
import time
from collections import deque

from appliance.daemons import notify
from appliance.daemons.jobs.control_line import ControlLine
from appliance.daemons.jobs.frame_index import FrameIndex
from appliance.daemons.jobs.sealing import checked_name, find_sealed, remove_partial, seal
from appliance.daemons.paths import Paths, environment
from appliance.daemons.stepping_back import step_behind
from appliance.engines.recording.assembly import assembled
from appliance.vocabulary.errors import EquipmentError, PeerError
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import CallId, RecordingId, Seconds, Utc
from appliance.vocabulary.one_line import OneLineForm
from appliance.wire.control import Done, FromControl, Refused, Sealed, Sealings

logger = logging.getLogger(__name__)

LISTEN = 0.5
"""Seconds to wait for control in one turn."""
SCAN_EVERY = 2.0
TIDY_EVERY = 60.0
RETRY_AFTER = 10.0
"""Seconds until a recording that could not be stored (disk full) is tried again."""
SPENT_AFTER = 600.0
"""Seconds since its last write before a journal file may go."""
ORPHAN_AFTER = 24 * 3600.0
"""Seconds after which a recording that control never asked for is sealed all the same."""


class Sealer:
    """What is wanted, what was told, and the turn that works on it."""

    def __init__(self, paths: Paths) -> None:
        self._recordings = paths.recordings
        self._index = FrameIndex(paths.frames)
        self._line = ControlLine(paths.control_socket)
        self._opening = 0
        self._wanted: dict[str, str] = {}
        """Recording to call."""
        self._told: set[str] = set()
        """Told on this line: control's list may still name them."""
        self._unanswered: deque[str] = deque()
        """Told and not answered yet, in order: control answers in order."""
        self._retry_at: dict[str, float] = {}
        self._scan_at = self._tidy_at = 0.0
        remove_partial(self._recordings)

    def turn(self, wait: float = LISTEN) -> None:
        """Listen, read on, seal, tidy."""
        messages = self._line.messages(wait)
        if self._opening != self._line.openings:
            self._opening = self._line.openings
            self._told.clear()
            self._unanswered.clear()
        for message in messages:
            self._hear(message)
        now = time.monotonic()
        due = [name for name in self._wanted if self._retry_at.get(name, 0.0) <= now]
        if due or now >= self._scan_at:
            self._index.scan()
            self._scan_at = time.monotonic() + SCAN_EVERY
        for recording in due:
            self._seal_wanted(recording)
            notify.watchdog()
        if now >= self._tidy_at:
            self._tidy_at = now + TIDY_EVERY
            self._tidy(Utc(time.time()))

    def close(self) -> None:
        """Close the line to control."""
        self._line.close()

    def _hear(self, message: FromControl) -> None:
        match message:
            case Sealings(wanted=wanted):
                # What control lists no longer it has taken up; nothing need be remembered of it.
                self._told &= {one.recording for one in wanted} | set(self._unanswered)
                self._wanted |= {
                    one.recording: one.call for one in wanted if one.recording not in self._told
                }
            case Done() if self._unanswered:
                self._unanswered.popleft()
            case Refused(sentence=sentence) if self._unanswered:
                # Control did not take it: the next list may name it again.
                recording = self._unanswered.popleft()
                self._told.discard(recording)
                logger.warning("control refused recording=%s: %s", recording, sentence)
            case _:
                logger.warning("control said something that was not asked: %s", message)

    def _seal_wanted(self, recording: str) -> None:
        call = self._wanted[recording]
        try:
            event = self._sealed(recording, call)
        except (EquipmentError, OSError) as error:
            logger.warning("call=%s recording=%s not sealed: %s", call, recording, error)
            self._retry_at[recording] = time.monotonic() + RETRY_AFTER
            return
        except PeerError as error:
            logger.error("call=%s %s", call, error)
            event = _nothing(recording, call)
        if self._line.say(Sealed(sealed=event)):
            self._told.add(recording)
            self._unanswered.append(recording)
        # If it could not be said, control asks again on the next line; the sidecar will answer.
        self._wanted.pop(recording, None)
        self._retry_at.pop(recording, None)

    def _sealed(self, recording: str, call: str) -> RecordingSealed:
        """Seal one recording, or find that it was sealed. Raises EquipmentError, OSError."""
        known = find_sealed(self._recordings, checked_name(recording))
        if known is not None:
            self._index.forget(recording)
            return known.sealed(call)
        rows = self._index.rows_of(recording)
        made = assembled(rows)
        if made is None and self._index.unreadable:
            raise EquipmentError(f"cannot read {', '.join(self._index.unreadable)}")
        if made is None:
            logger.info("call=%s recording=%s has no audio", call, recording)
            self._index.forget(recording)
            return _nothing(recording, call)
        began_at = self._index.began_at(recording, int(rows["arrival_us"].min()))
        sidecar = seal(
            self._recordings, recording, call, made, began_at=began_at, now=Utc(time.time())
        )
        self._index.forget(recording)
        logger.info(
            "call=%s recording=%s sealed: %.1f s, %d frames missing",
            call,
            recording,
            made.seconds,
            made.missing_frames,
        )
        return sidecar.sealed(call)

    def _tidy(self, now: Utc) -> None:
        """Let go of what was sealed before our start, seal orphans, delete spent journals."""
        for recording, written_at in self._index.unsealed().items():
            if recording in self._wanted:
                continue
            try:
                if now - written_at > ORPHAN_AFTER:
                    logger.warning("recording=%s was never asked for; sealing it", recording)
                    self._sealed(recording, "")
                elif find_sealed(self._recordings, recording) is not None:
                    self._index.forget(recording)
            except (EquipmentError, OSError, PeerError) as error:
                logger.warning("recording=%s not tidied: %s", recording, error)
        try:
            for name in self._index.remove_spent(now, SPENT_AFTER):
                logger.info("removed journal %s: all its recordings are sealed", name)
        except OSError as error:
            logger.warning("cannot remove a spent journal: %s", error)


def _nothing(recording: str, call: str) -> RecordingSealed:
    return RecordingSealed(
        recording=RecordingId(recording),
        call=CallId(call),
        file="",
        sha256="",
        seconds=Seconds(0.0),
    )


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(OneLineForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])
    step_behind(10)
    here = environment()
    paths = here.paths
    paths.make()
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: stop.append(got))
    sealer = Sealer(paths)
    notify.ready("sealing recordings")
    # Imported now: nobody waits for a webhook, but a sealed recording is waited for.
    from appliance.daemons.jobs.lookups import Enquiries
    from appliance.daemons.jobs.messages import Messages
    from appliance.daemons.jobs.roots_notes import RootsNotes
    from appliance.daemons.jobs.webhooks import Webhooks

    own_ports = frozenset((here.http_port, here.sip_port, here.sips_port))
    webhooks = Webhooks(paths, own_ports)
    webhooks.start()
    enquiries = Enquiries(paths, own_ports)
    enquiries.start()
    messages = Messages(paths)
    messages.start()
    notes = RootsNotes(paths)
    notes.start()
    while not stop:
        sealer.turn()
        notify.watchdog()
    notify.stopping()
    webhooks.stop()
    messages.stop()
    notes.stop()
    enquiries.stop()
    sealer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
