"""Order of the tests: the fast ones first, so that a mistake is told in seconds.

With --compatibility the run also writes which real programs it was played with (compatibility.py).
"""

import os

import compatibility
import pytest
import second_try
from hypothesis import settings

# An example that waits for a busy machine is no slower code: each test has pytest's own time limit.
# The same commit gets the same examples, so that a red run is the change's doing; new ground is
# looked for on purpose: `LINGHE_EXPLORE=1 make test TESTS=…` draws other examples each time.
EXPLORE = bool(os.environ.get("LINGHE_EXPLORE"))
settings.register_profile("linghe", deadline=None, derandomize=not EXPLORE)
settings.load_profile("linghe")

LATER = ("slow", "peer", "fault")
WATCH = pytest.StashKey[compatibility.Watch]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what --compatibility is."""
    parser.addoption(
        "--compatibility",
        action="store_true",
        help="write the help page's table of the programs that were tried",
    )


def pytest_configure(config: pytest.Config) -> None:
    """See what the tests start."""
    if config.getoption("--compatibility", False):
        config.stash[WATCH] = compatibility.Watch()
        config.stash[WATCH].begin()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order within each kind; real programs, kills and long ones come last."""
    items.sort(key=lambda item: any(item.get_closest_marker(name) for name in LATER))
    second_try.give(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were tried twice."""
    second_try.tell(terminalreporter)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Remember how a test went that was not passed over."""
    report = (yield).get_result()
    if WATCH in item.config.stash and not report.skipped:
        fixtures = getattr(item, "fixturenames", ())
        if report.when == "setup":
            item.config.stash[WATCH].begin_test(item.nodeid)
        item.config.stash[WATCH].passed(item.nodeid, report.passed, fixtures)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the table."""
    if WATCH in session.config.stash:
        watch = session.config.stash[WATCH]
        watch.end()
        compatibility.write(watch)
