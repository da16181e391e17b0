"""schemathesis asks everything that the API's document promises, and finds nothing.

Examples, coverage of every constraint, random values and chains of requests, over a real gunicorn,
with a fixed seed and a bounded number of tries. The event stream has no end and is left out: its
own tests are in test_api_events.py.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shop_day
from api_stage import API, TOKEN, GenerousWeb, has_token
from control_socket import ControlSocket
from msgspec.structs import replace
from web_stage import Stage

from appliance.vocabulary.ids import CallId

AT = shop_day.NINE + 5000
CALL = CallId("long-1")
SEED = "20261122"
TRIES = "12"


@pytest.fixture
def web(full: Stage) -> Iterator[GenerousWeb]:
    has_token(full)
    live = shop_day.shop_live(AT)
    # A call that goes on stands in the ledger too, as with a real box.
    talk, *others = live.calls
    live = replace(live, calls=(replace(talk, call=CALL), *others))
    control = ControlSocket(full.places.control_socket, live)
    control.originated = CALL
    web = GenerousWeb(full)
    yield web
    web.close()
    control.kill()


def _finds_nothing(web: GenerousWeb, folder: Path, parameters: dict[str, str]) -> None:
    """Run schemathesis, these parts of paths fixed; fail with all that it has to say."""
    config = folder / "schemathesis.toml"
    # 414: an address may be longer than any web server takes, whatever else is wrong with it.
    rejected = "[400, 401, 403, 404, 405, 406, 409, 414, 415, 422, 428, 429, 431]"
    lines = [f'"path.{name}" = "{value}"' for name, value in parameters.items()]
    config.write_text("\n".join(["[parameters]", *lines, "[checks.negative_data_rejection]"]))
    with config.open("a") as file:
        file.write(f"\nexpected-statuses = {rejected}\n")
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config)),
            *("run", f"{web.address}{API}/openapi.json", "--url", f"{web.address}{API}"),
            *("--header", f"Authorization: Bearer {TOKEN}", "--exclude-path", "/events"),
            *("--seed", SEED, "--max-examples", TRIES, "--generation-database", "none"),
        ],
        cwd=folder,
        # The order of a set must not choose what is asked, or the seed says nothing.
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode != 0:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_schemathesis_finds_nothing_with_whatever_ids_it_thinks_of(
    web: GenerousWeb, tmp_path: Path
) -> None:
    _finds_nothing(web, tmp_path, {})


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_schemathesis_finds_nothing_with_a_call_an_agent_and_a_recording_that_are_there(
    web: GenerousWeb, tmp_path: Path
) -> None:
    known = {"call": str(CALL), "agent": "1001", "recording": str(shop_day.RECORDING)}
    known["flow"] = str(shop_day.SITE.flow[0].id)
    _finds_nothing(web, tmp_path, known)
