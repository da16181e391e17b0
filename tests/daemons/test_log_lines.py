"""Control's log: lines wait for each other, warnings do not wait."""

import asyncio
import logging

import pytest

from appliance.daemons.control import log_lines
from appliance.daemons.control.log_lines import GATHER_SECONDS, GatheredLines


class Loop(asyncio.SelectorEventLoop):
    """A loop whose time is told."""

    at = 0.0

    def time(self):
        return self.at


@pytest.fixture
def written(monkeypatch):
    """What each write to standard error held."""
    writes = []
    monkeypatch.setattr(
        log_lines.os, "write", lambda _, data: writes.append(bytes(data)) or len(data)
    )
    return writes


@pytest.fixture
def loop():
    made = Loop()
    yield made
    made.close()


@pytest.fixture
def logger():
    lines = GatheredLines()
    found = logging.Logger("calls")
    found.addHandler(lines)
    found.lines = lines
    return found


def pass_time(loop, seconds):
    loop.at += seconds
    loop.call_soon(loop.stop)
    loop.run_forever()


def test_lines_of_a_tenth_of_a_second_are_one_write(logger, written, loop):
    logger.lines.gather(loop)
    logger.info("call=%s ringing", "c1")
    logger.info("call=%s talking", "c1")
    assert not written
    pass_time(loop, GATHER_SECONDS)
    assert written == [b"INFO calls: call=c1 ringing\nINFO calls: call=c1 talking\n"]
    logger.info("again")
    pass_time(loop, GATHER_SECONDS)
    assert written[1:] == [b"INFO calls: again\n"]


def test_a_warning_takes_along_what_waits(logger, written, loop):
    logger.lines.gather(loop)
    logger.info("one")
    logger.warning("disk full")
    assert written == [b"INFO calls: one\nWARNING calls: disk full\n"]


def test_before_a_loop_runs_and_at_the_end_nothing_waits(logger, written, loop):
    logger.info("starting")
    assert written == [b"INFO calls: starting\n"]
    logger.lines.gather(loop)
    logger.info("last words")
    logger.lines.flush()
    assert written[1:] == [b"INFO calls: last words\n"]


def test_a_line_that_cannot_be_formatted_or_written_harms_nobody(
    logger, written, loop, monkeypatch, capsys
):
    logger.lines.gather(loop)
    logger.info("%d", "no number")
    logger.warning("half a pair: \ud800")
    assert b"half a pair: \\ud800\n" in written[0]

    def gone(_, data):
        raise BrokenPipeError

    monkeypatch.setattr(log_lines.os, "write", gone)
    logger.error("nobody reads")
    assert "no number" in capsys.readouterr().err


def test_a_line_of_a_call_is_what_logging_would_have_made_of_it(logger, written, loop):
    logger.lines.gather(loop)
    logger.info("call=%s entered\x1b[2J", "c1")
    logger.lines.line_of_call("call=c1 entered\x1b[2J")
    pass_time(loop, GATHER_SECONDS)
    [both] = written
    first, second = both.splitlines()
    assert first == second == b"INFO calls: call=c1 entered\\x1b[2J"


def test_a_line_of_a_call_goes_at_once_where_no_loop_gathers(logger, written):
    logger.lines.line_of_call("call=c1 entered")
    assert written == [b"INFO calls: call=c1 entered\n"]


def test_a_warning_takes_the_lines_of_calls_along_in_order(logger, written, loop):
    logger.lines.gather(loop)
    logger.lines.line_of_call("call=c1 entered")
    logger.warning("look here")
    assert written == [b"INFO calls: call=c1 entered\nWARNING calls: look here\n"]
