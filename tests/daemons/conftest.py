"""`linghe` with a data folder of its own."""

from pathlib import Path

import pytest
from linghe_run import Linghe

from appliance.daemons import command_line


@pytest.fixture
def linghe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Linghe:
    """The command: returns exit code, output, errors."""
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "var"))
    monkeypatch.delenv("LINGHE_CLOCK", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = command_line.main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capfdbinary.readouterr()
        return code, said.out.decode(), said.err.decode()

    return run
