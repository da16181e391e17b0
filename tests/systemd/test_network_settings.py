"""This box's own address goes before the delivered one; what else lies beside it is no address."""

import re
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "image-build/overlay/usr/lib/systemd/system"
UNIT = UNITS / "linghe-network-settings.service"


def lines(key: str, root: Path) -> list[str]:
    text = UNIT.read_text(encoding="utf-8")
    text = text.replace("/data/", f"{root}/data/").replace("/run/", f"{root}/run/")
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def is_wanted(root: Path) -> bool:
    """Judge as systemd.unit(5) says."""
    (pattern,) = lines("ConditionPathExistsGlob", root)
    return any(root.glob(pattern.removeprefix(f"{root}/")))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data/network").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", ["reach.nft", "ssh.nft", "time-zone"])
def test_who_set_something_else_only_has_no_failed_unit_at_each_start(
    root: Path, name: str
) -> None:
    (root / "data/network" / name).write_text("x\n")
    assert not is_wanted(root)


def test_a_fixed_address_is_laid_where_networkd_looks_first(root: Path) -> None:
    (root / "data/network/time-zone").write_text("Europe/Warsaw\n")
    (root / "data/network/10-linghe.network").write_text("[Network]\n")
    assert is_wanted(root)
    (command,) = lines("ExecStart", root)
    found = re.fullmatch(r"/bin/sh -c '(.*)'", command)
    assert found is not None
    subprocess.run(["/bin/sh", "-c", found[1]], check=True)
    laid = list((root / "run/systemd/network").iterdir())
    assert [one.name for one in laid] == ["10-linghe.network"]
