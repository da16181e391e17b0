"""`python -m appliance.daemons.control`: runs until SIGTERM (orderly: calls are ended).

SIGUSR1 leaves at once and keeps everything, for a restart that no call should notice.
"""

import asyncio
import gc
import signal
import sys

from appliance.daemons.control import call_log, log_lines
from appliance.daemons.control.box import Box
from appliance.daemons.control.log_lines import GatheredLines
from appliance.daemons.control.pacing import PacedSelector
from appliance.daemons.paths import Environment, environment
from appliance.vocabulary.errors import ApplianceError

GARBAGE_THRESHOLD = 20_000
"""Objects; some 50 calls at once make as many."""


async def run(asked: Environment, lines: GatheredLines) -> None:
    """Run one box until it is told to stop."""
    loop = asyncio.get_running_loop()
    lines.gather(loop)
    call_log.speak_through(lines.line_of_call)
    box = Box(asked, loop)
    over: asyncio.Future[bool] = loop.create_future()

    def end(is_orderly: bool) -> None:
        if not over.done():
            over.set_result(is_orderly)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, True)
    loop.add_signal_handler(signal.SIGUSR1, end, False)
    await box.start()
    # What is there by now lives as long as the process; and calls are freed by their counts, so
    # the collector of cycles need not look at each 700 objects of every call in progress.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)
    if await over:
        box.stop()


def paced_loop() -> asyncio.AbstractEventLoop:
    """Return a loop that gathers when it is busy."""
    return asyncio.SelectorEventLoop(PacedSelector())


def main() -> int:
    """Run; return the exit code."""
    lines = log_lines.begin()
    try:
        asked = environment()
        asked.paths.make()
        with asyncio.Runner(loop_factory=paced_loop) as runner:
            runner.run(run(asked, lines))
    except (ValueError, ApplianceError, OSError) as error:
        print(f"control: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
