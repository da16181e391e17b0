"""What a killed process left in the file of its slots, changed before the next one reads it.

A fault of the disk, or a bug, would leave the same: the product knows nothing of this. The
supervisor is stopped meanwhile, so that nobody starts the process anew too early.
"""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

from msgspec import msgpack
from running_box import wait_for

from appliance.daemons.slots import SlotJournal


class KeptState:
    """The slots of control, by name."""

    def __init__(self, folder: Path):
        self._journal = SlotJournal(folder / "state" / "control.slots")

    def names(self, beginning):
        return [name for name in self._journal.slots if name.startswith(beginning)]

    def of(self, name):
        """A slot's content as plain values."""
        return msgpack.decode(self._journal.slots[name])

    def lose(self, *names):
        assert names
        assert set(names) <= set(self._journal.slots), names
        self._journal.append(dict.fromkeys(names))

    def change(self, name, **values):
        self.put(name, self.of(name) | values)

    def put(self, name, content):
        self._journal.append({name: msgpack.encode(content)})

    def close(self):
        self._journal.close()


@contextmanager
def altered(box):
    """kill -9 of control; the block may change what it kept; then a new one takes that up."""
    before = box.pid("control")
    box.process.send_signal(signal.SIGSTOP)
    try:
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: _is_dead(before), 5, "control to be dead")
        kept = KeptState(box.folder)
        try:
            yield kept
        finally:
            kept.close()
    finally:
        box.process.send_signal(signal.SIGCONT)
    wait_for(lambda: box.pid("control") != before and box.is_answering(), 20, "control to be back")


def _is_dead(pid):
    """Dead, and not buried: its parent is stopped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
