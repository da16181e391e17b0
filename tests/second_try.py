"""A second try for tests that play real programs against a real box, and what the first one said.

Such a test waits for other people's programs on a machine that is not its own: a phone that came
two seconds late says nothing about the box. It is tried once more, never silently: the end of the
run names it with what went wrong first, and whoever sees a name twice has a defect to find.
Tests of our own code alone have no second try.
"""

import pytest

REAL = ("peer", "fault")


def give(items: list[pytest.Item]) -> None:
    """Mark whoever may try again."""
    for item in items:
        if any(item.get_closest_marker(name) for name in REAL):
            item.add_marker(pytest.mark.flaky(reruns=1))


def tell(reporter: pytest.TerminalReporter) -> None:
    """Name each test that needed it, with the first line of what it said then."""
    again = reporter.stats.get("rerun", [])
    if again:
        reporter.section("tried twice")
    for report in again:
        crash = getattr(report.longrepr, "reprcrash", None)
        said = report.longreprtext if crash is None else crash.message
        first = (said.strip().splitlines() or ["no word of why"])[0]
        reporter.write_line(f"{report.nodeid}: {report.when}: {first}")
