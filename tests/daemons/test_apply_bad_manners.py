"""`linghe apply` and `linghe token` twice at once, killed between any two steps, on a full disk.

A step that is killed is a process of its own that ends by SIGKILL right there; a full disk is
RLIMIT_FSIZE (EFBIG where the real one says ENOSPC), set in that process alone.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from appliance.daemons.command_line import token
from appliance.store.audit import Audit
from appliance.store.places import Paths
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Site
from appliance.vocabulary.tokens import token_digest

OLD = """\
[site]
name = "Old"
language = "en"
timezone = "Europe/London"
country = "gb"

[[extension]]
number = "201"
secret = "correct horse"

[[trunk]]
id = "carrier"
host = "127.0.0.1"
secret = "old trunk password"
"""
NEW = (
    OLD.replace("Old", "New")
    .replace("old trunk password", "new trunk password")
    .replace('secret = "correct horse"', 'secret = "battery staple"')
    + '\n[[webhook]]\nid = "crm"\nurl = "http://127.0.0.1:9/"\n'
    + '\n[[extension]]\nnumber = "202"\n'
)
RUN = "import sys\nfrom appliance.daemons import command_line\n"
KILL = "import os, signal\ndef dead(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
FULL = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n"
GO = "sys.exit(command_line.main(sys.argv[1:]))\n"


class Box:
    """A data folder, and `linghe` in processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder / "var")
        self.folder = folder
        self.environment = os.environ | {"LINGHE_DATA": str(folder / "var")}
        self.environment.pop("LINGHE_CLOCK", None)

    def begin(self, *words: str, before: str = "") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", RUN + before + GO, *words],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def linghe(self, *words: str, before: str = "") -> tuple[int, str, str]:
        started = self.begin(*words, before=before)
        out, err = started.communicate(timeout=60)
        return started.returncode, out, err

    def file(self, text: str, name: str = "site.toml") -> str:
        place = self.folder / name
        place.write_text(text)
        return str(place)

    def applies(self, text: str, before: str = "") -> tuple[int, str, str]:
        return self.linghe("apply", "--no-prompts", self.file(text), before=before)

    def site(self) -> Site:
        store = SettingsStore(self.paths.settings)
        site = store.current()
        store.close()
        return site

    def trunk_secret(self) -> str:
        return dict(Secrets(self.paths.secrets, bytes).trunk_secrets())["carrier"]

    def token_names(self) -> Sequence[str]:
        store = SettingsStore(self.paths.settings)
        names = [one.name for one in store.tokens.all()]
        store.close()
        return names


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(tmp_path)
    assert box.applies(OLD)[0] == 0
    return box


STEPS = {
    "before trunk secrets": "appliance.daemons.command_line.apply._keep_trunk_secrets",
    "before webhook secrets": "appliance.daemons.command_line.apply._keep_webhook_secrets",
    "within the secrets file": "appliance.store.private_file.sync_folder",
    "before the site": "appliance.store.settings.SettingsStore.save",
    "within the site's transaction": "appliance.store.settings._document",
    "before control is told": "appliance.daemons.command_line.taking_up.asked",
    "before the result is told": "appliance.daemons.command_line.apply._tell",
}


@pytest.mark.parametrize("step", STEPS)
def test_an_apply_killed_at_any_step_leaves_the_old_site_or_the_new(step: str, box: Box) -> None:
    where, _, name = STEPS[step].rpartition(".")
    module, _, owner = where.rpartition(".") if where.endswith("Store") else (where, "", "")
    step_of = f"sys.modules[{module!r}]" + (f".{owner}" if owner else "") + f".{name}"
    patch = f"{KILL}import appliance.daemons.command_line.apply\n{step_of}\n{step_of} = dead\n"
    code, _, err = box.applies(NEW, before=patch)
    assert code == -9, err
    assert box.site().site.name in ("Old", "New")
    code, said, err = box.applies(NEW)
    assert code == 0, err
    site = box.site()
    assert site.site.name == "New" and len(site.extension) == 2 and site.webhook
    assert box.trunk_secret() == "new trunk password"
    assert Secrets(box.paths.secrets, bytes).webhook_secrets()["crm"]
    assert "so already" in box.applies(NEW)[1]


HOLDS = (
    "import appliance.daemons.command_line.apply as one\n"
    "keep = one._keep_trunk_secrets\n"
    "def stay(*words):\n"
    "    print('holds', file=sys.stderr, flush=True)\n"
    "    sys.stdin.readline()\n"
    "    keep(*words)\n"
    "one._keep_trunk_secrets = stay\n"
)
"""Has read the site and made what is to be made, and goes on when it is told to."""


def test_of_two_applies_at_once_one_waits_and_what_each_shows_is_so(box: Box) -> None:
    """Without the wait both would make a password for 202, and one that was shown is void."""
    words = ("apply", "--no-prompts", "--json", box.file(NEW))
    first = box.begin(*words, before=HOLDS)
    assert first.stderr is not None and first.stdin is not None
    told_by_first = iter(first.stderr.readline, "")
    assert "holds\n" in told_by_first
    second = box.begin(*words)
    assert second.stderr is not None
    assert "Another `linghe apply`" in second.stderr.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(1.0)
    told = [json.loads(one.communicate("go on\n", timeout=60)[0]) for one in (first, second)]
    assert [one["changed"] for one in told] == [True, False]
    assert [bool(one["made_secrets"]) for one in told] == [True, False]
    assert [bool(one["made_webhook_secrets"]) for one in told] == [True, False]


def test_a_check_waits_for_nobody(box: Box) -> None:
    lock = os.open(box.paths.run, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert box.linghe("apply", "--check", box.file(NEW))[0] == 0
    os.close(lock)


def test_one_who_was_killed_holds_nobody_up(box: Box) -> None:
    first = box.begin("apply", "--no-prompts", box.file(NEW), before=(
        "import appliance.daemons.command_line.apply as one\n"
        "def stay(*_, **__):\n    print('holds', flush=True)\n    sys.stdin.read()\n"
        "one._keep_trunk_secrets = stay\n"
    ))  # fmt: skip
    assert first.stdout is not None and first.stderr is not None
    assert first.stdout.readline() == "holds\n"
    first.kill()
    first.wait(timeout=60)
    first.stdout.close()
    first.stderr.close()
    assert box.applies(NEW)[0] == 0


def test_what_was_made_is_shown_though_control_dies_before_it_answers(box: Box) -> None:
    """Control is killed between the question and its answer: the password is shown this once."""
    dead = (
        "import appliance.daemons.command_line.taking_up as one\n"
        "from appliance.vocabulary.errors import EquipmentError\n"
        "def asked(*_): raise EquipmentError('control ended before it answered.')\n"
        "one.asked = asked\n"
    )
    code, said, err = box.applies(NEW, before=dead)
    assert code == 1 and "The site is saved, but control ended" in err
    assert "Phone 202: the box made its password" in said
    assert "Webhook crm: the box made its secret" in said


def test_a_full_disk_refuses_an_apply_whole_and_in_words(box: Box) -> None:
    code, said, err = box.applies(NEW, before=FULL)
    assert code == 1 and not said
    assert "cannot" in err and "Traceback" not in err
    assert box.site().site.name == "Old" and box.trunk_secret() == "old trunk password"
    assert box.applies(NEW)[0] == 0, "once there is room"


VERBS = (("token", "add", "crm", "--scope", "calls:read"), ("token", "revoke", "old"), ("claim",))


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: " ".join(verb[:2]))
def test_a_full_disk_refuses_each_change_in_words(verb: tuple[str, ...], box: Box) -> None:
    assert box.linghe("token", "add", "old", "--scope", "calls:read")[0] == 0
    code, said, err = box.linghe(*verb, before=FULL)
    assert code == 1 and not said and err.strip(), (said, err)
    assert "Traceback" not in err
    assert box.token_names() == ["old"]
    assert box.linghe(*verb)[0] == 0


def test_what_only_reads_says_it_in_words_too(box: Box) -> None:
    for verb in (("export",), ("calls",), ("report", "daily"), ("token", "list"), ("status",)):
        code, _, err = box.linghe(*verb, before=FULL)
        assert "Traceback" not in err and (code == 0 or err.strip()), verb


@pytest.mark.parametrize("act", ["add", "revoke"])
def test_a_token_and_its_line_of_the_audit_log_are_there_together(act: str, box: Box) -> None:
    """Killed between the two: neither. A token that nobody was shown opens nothing."""
    if act == "revoke":
        assert box.linghe("token", "add", "crm", "--scope", "calls:read")[0] == 0
    before = box.token_names()
    patch = f"{KILL}from appliance.store.audit import Audit\nAudit.note = dead\n"
    more = () if act == "revoke" else ("--scope", "calls:read")
    assert box.linghe("token", act, "crm", *more, before=patch)[0] == -9
    assert box.token_names() == before
    assert box.linghe("token", act, "crm", *more)[0] == 0


def test_a_token_that_cannot_be_audited_is_not_made(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise EquipmentError("disk full")

    monkeypatch.setattr(Audit, "note", refuses)
    store = SettingsStore(box.paths.settings)
    with pytest.raises(EquipmentError):
        token._add(store, _Wanted())
    assert store.tokens.all() == []
    store.close()


class _Wanted:
    name, scope, json = "crm", ["calls:read"], False


def test_of_two_tokens_of_one_name_at_once_one_is_refused(box: Box) -> None:
    words = ("token", "add", "crm", "--scope", "calls:read")
    two = [box.begin(*words) for _ in range(2)]
    told = [one.communicate(timeout=60) for one in two]
    assert sorted(one.returncode for one in two) == [0, 1]
    (text,) = [out.strip() for out, _ in told if out.strip()]
    store = SettingsStore(box.paths.settings)
    assert store.tokens.by_digest(token_digest(text)) is not None, "the one that was shown holds"
    store.close()


def test_a_hundred_changes_at_once_are_all_there(box: Box) -> None:
    """SQLite's one writer: who comes meanwhile waits, and nobody's change is lost."""

    def work(number: int) -> None:
        store = SettingsStore(box.paths.settings)
        for turn in range(10):
            with store.together():
                site = store.current()
                count = int(site.site.name.removeprefix("Old") or 0) + 1
                facts = replace(site.site, name=f"Old{count}")
                store.save(replace(site, site=facts), by=f"{number}.{turn}", at=Utc(0.0))
        store.close()

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(work, range(10)))
    assert box.site().site.name == "Old100" and box.site().version == 101
