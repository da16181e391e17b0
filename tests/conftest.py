"""Order of the tests: the fast ones first, so that a mistake is told in seconds; several at a time
where that is asked for (side_by_side.py).

With --compatibility the run also writes which real programs it was played with (compatibility.py).
"""

import os
import time

import compatibility
import pytest
import second_try
import side_by_side
from hypothesis import settings

# An example that waits for a busy machine is no slower code: each test has pytest's own time limit.
# The same commit gets the same examples, so that a red run is the change's doing; new ground is
# looked for on purpose: `LINGHE_EXPLORE=1 make test TESTS=…` draws other examples each time.
EXPLORE = bool(os.environ.get("LINGHE_EXPLORE"))
settings.register_profile("linghe", deadline=None, derandomize=not EXPLORE)
settings.load_profile("linghe")

MEASURED = "measured"
WATCH = pytest.StashKey[compatibility.Watch]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what --compatibility is."""
    parser.addoption(
        "--compatibility",
        action="store_true",
        help="write the help page's table of the programs that were tried",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many tests run at a time with -n auto."""
    return side_by_side.workers()


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests out, where that is to be done; see what they start."""
    # for what comes last and has no time of its own left where the rest was slow (image/)
    os.environ.setdefault("LINGHE_TESTS_BEGAN", str(time.time()))
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(side_by_side.Turns())
    if config.getoption("--compatibility", False):
        config.stash[WATCH] = compatibility.Watch()
        config.stash[WATCH].begin()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the order within each kind; real programs, kills and long ones come later."""
    items.sort(key=side_by_side.place)
    second_try.give(items)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Say what kinds there are."""
    side_by_side.write_down(session.config, session.items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was measured, and which tests were tried twice."""
    tell_measured(terminalreporter)
    second_try.tell(terminalreporter)


@pytest.fixture
def measured(record_property):
    """Call it with what a test has measured: the end of the run tells it."""
    return lambda figures: record_property(MEASURED, figures)


def tell_measured(reporter: pytest.TerminalReporter) -> None:
    """Tell what was measured, by whom, whether it passed or not."""
    reports = [one for some in reporter.stats.values() for one in some]
    figures = [
        (one.nodeid, figures)
        for one in reports
        if getattr(one, "when", "") == "call"
        for name, figures in one.user_properties
        if name == MEASURED
    ]
    if figures:
        reporter.section("measured")
    for test, text in figures:
        reporter.write_line(f"{test}\n{text}")


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
    """Write the table, or tell it to the process that gave the tests out."""
    if WATCH in session.config.stash:
        watch = session.config.stash[WATCH]
        watch.end()
        if hasattr(session.config, "workerinput"):
            session.config.workeroutput["linghe_watch"] = watch.told()
        else:
            compatibility.write(watch)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Take over what the tests of another process started."""
    told = getattr(node, "workeroutput", {}).get("linghe_watch")
    if told is not None:
        node.config.stash[WATCH].take_over(told)
