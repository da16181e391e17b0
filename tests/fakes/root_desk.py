"""Root's office on a machine that is a folder, with a notebook in the place of its programs."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from appliance.daemons.privileged.asker import Asker
from appliance.daemons.privileged.door import answer
from appliance.daemons.privileged.machine import Machine
from appliance.vocabulary.errors import EquipmentError
from appliance.wire.privileged import CarriedOut, NotCarriedOut, Privileged


class Desk:
    """A machine with a notebook in the place of its programs."""

    def __init__(self, root: Path) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.took = 0.0
        """Seconds that all programs together may have taken."""
        self.failing: dict[str, str] = {}
        self.printing: dict[str, str] = {}
        """What a program prints, by its first word; by its name where it has none."""
        self.audited: list[tuple[str, str]] = []
        self.asker = Asker(account="root", is_root=True)
        self.root = root
        self.machine = Machine(root=root, data=root / "data/linghe", run=self._run)
        (root / "usr/share/zoneinfo/Europe").mkdir(parents=True)
        (root / "usr/share/zoneinfo/Europe/Warsaw").write_bytes(b"TZif")
        (root / "proc/sys/kernel/random").mkdir(parents=True)
        self.boot = root / "proc/sys/kernel/random/boot_id"
        self.boot.write_text("first\n")
        (root / "proc/cmdline").write_text("quiet ro rauc.slot=A panic=10\n")
        self.machine.updates.mkdir(parents=True)

    def _run(self, command: Sequence[str], seconds: float) -> str:
        assert seconds > 0
        self.took += seconds
        self.ran.append(tuple(command))
        word = command[1] if len(command) > 1 else command[0]
        if word in self.failing:
            raise EquipmentError(self.failing[word])
        return self.printing.get(word, "")

    def ask(self, asked: Privileged) -> CarriedOut | NotCarriedOut:
        line = msgspec.json.encode(asked)
        note = self.audited.append
        return answer(line, self.asker, self.machine, lambda by, what: note((by, what)))

    def refusal(self, asked: Privileged) -> NotCarriedOut:
        before = self.files()
        told = self.ask(asked)
        assert isinstance(told, NotCarriedOut), told
        assert self.files() == before and self.ran == []
        return told

    def files(self) -> dict[str, bytes]:
        places = (one for one in self.root.rglob("*") if one.is_file())
        return {str(one.relative_to(self.root)): one.read_bytes() for one in places}
