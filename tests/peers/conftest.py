"""Real peers: sipp as the carrier, baresip as desk phones, a whole box between them."""

import shutil

import pytest
from bakery import AGENT_1001, AGENT_1002, AT_ONCE, MENU, NOTICE
from baresip import Baresip
from running_box import RunningBox, free_port, wait_for
from sipp import Sipp
from tone_prompts import lay, phrase, text

for program in ("sipp", "baresip", "tcpdump"):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (make test installs it)", allow_module_level=True)


@pytest.fixture(scope="module")
def carrier_port():
    return free_port()


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("box") / "var"
    folder.mkdir(mode=0o700)
    lay(
        folder,
        [
            (text("Welcome to Bread and Co. This call is recorded."), NOTICE, 1.0),
            (text("For orders press 1, for the office press 2, for Anna press 3."), MENU, 3.0),
            (text("We are closed. Please leave a message."), 500, 1.0),
            (phrase("agent_number", agent="1001"), AGENT_1001, 0.8),
            (phrase("agent_number", agent="1002"), AGENT_1002, 0.8),
        ],
    )
    running = RunningBox(folder)
    try:
        running.start()
        # Wrap-ups would keep an agent from the next test's call.
        site = AT_ONCE
        running.apply(site.replace("port = 5090", f"port = {carrier_port}"))
        yield running
    finally:
        running.stop()


@pytest.fixture
def phones(box, tmp_path):
    """Call it with a number to get a baresip desk phone; all are stopped at the end."""
    made = []

    def phone(number, **words):
        one = Baresip(tmp_path, box.sip_port, number, f"test-only-secret-of-{number}", **words)
        made.append(one)
        # Over UDP it is called where it listens: not the phone of the test before, that is.
        where = f":{one.sip_port}" if words.get("transport", "udp") == "udp" else ""
        wait_for(lambda: is_at(box, number, where), 20, f"{number} to be registered")
        return one

    yield phone
    for one in made:
        one.stop()


def is_at(box, number, where):
    """Say whether this phone is registered from there."""
    lines = [line for line in box.live().lines if line.name == number]
    return any(line.is_up and where in line.text for line in lines)


@pytest.fixture(autouse=True)
def nothing_is_left(request):
    """Whatever the phones of a test have left in their box has ended when the next one begins; and
    a second try of a test finds nothing of the first in the ledger."""
    has_phones = {"phones", "sipp"} & set(request.fixturenames)
    box = request.getfixturevalue("box") if has_phones else None
    is_second = getattr(request.node, "execution_count", 1) > 1
    if box is not None and is_second:
        box.forget_calls()
    yield
    if box is not None:
        box.forgotten = frozenset()
        wait_for(lambda: not box.live().calls, 30, "all calls to end")


@pytest.fixture
def sipp(box, tmp_path):
    """Call it with steps to start a sipp; all are stopped at the end."""
    made = []

    def start(*steps, **words):
        one = Sipp(tmp_path, box.sip_port, *steps, **words)
        made.append(one)
        return one

    yield start
    for one in made:
        one.stop()
