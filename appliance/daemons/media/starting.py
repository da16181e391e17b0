"""How a worker comes up: legs first, talk later."""

import gc
import logging
import os
import resource
import signal
import socket
import sys
from time import monotonic

from appliance.daemons import notify
from appliance.daemons.media.conversation import Conversation
from appliance.daemons.media.first_aid import FirstAid
from appliance.daemons.media.memory import SlotJournal, kept_columns
from appliance.daemons.media.packets import Packets
from appliance.daemons.media.ports import Ports, share
from appliance.daemons.media.prompts import Prompts
from appliance.daemons.media.recorder import Recorder
from appliance.daemons.media.reports import Reports
from appliance.daemons.media.worker import Worker
from appliance.daemons.paths import Environment, environment
from appliance.engines.media.engine import MediaEngine
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.one_line import OneLineForm

MOST_LEGS = 4096
"""Of one worker: three times what one core carries."""
BACKLOG = 16
YOUNG_OBJECTS = 20_000
"""Between two collections: a tick makes a thousand short-lived ones, and hardly ever a cycle."""

logger = logging.getLogger(__name__)


def start(arguments: list[str], urgency: str, first_aid: FirstAid) -> int:
    """Run a worker until SIGTERM. Returns the exit code."""
    if len(arguments) != 2 or arguments[0] != "--worker" or not arguments[1].isdecimal():
        print("usage: python -m appliance.daemons.media --worker N", file=sys.stderr)
        return 2
    number = int(arguments[1])
    try:
        settings = environment()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if number >= settings.workers:
        print(f"there are {settings.workers} workers, 0 is the first", file=sys.stderr)
        return 2
    told = logging.StreamHandler()
    told.setFormatter(OneLineForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])
    settings.paths.make()
    worker, recorder = _worker(number, settings)
    first_aid.finish()
    worker.resume()
    worker.take_over(first_aid)
    worker.tick(Instant(monotonic()))
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    signal.signal(signal.SIGINT, lambda *_: worker.stop())
    worker.talk(Conversation(_listening(number, settings), os.urandom(8).hex()))
    recorder.start()
    _raise_descriptor_limit()
    # What is there by now lives as long as the worker: no collection need look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    notify.ready(f"{urgency} priority")
    worker.run()
    notify.stopping()
    return 0


def _worker(number: int, settings: Environment) -> tuple[Worker, Recorder]:
    paths = settings.paths
    ports = share(settings.rtp_first, settings.rtp_last, settings.workers, number)
    capacity = min(MOST_LEGS, -(-max(len(ports), 1) // 64) * 64)
    engine = MediaEngine(
        kept_columns(capacity),
        prompt=Prompts(paths.prompts, paths.recordings).content,
        tone=_tone,
        random32=lambda: int.from_bytes(os.urandom(4), "big"),
    )
    recorder = Recorder(paths.frames, number, engine.columns.track, engine.columns.is_masked)
    packets = Packets(capacity, engine)
    # A name that says nothing of the network inside (RFC 7022 section 4.2).
    reports = Reports(engine, packets.socket_of, f"linghe-{os.urandom(6).hex()}")
    engine.steps.append(reports)
    worker = Worker(
        number,
        engine=engine,
        ports=Ports(settings.bind, ports),
        packets=packets,
        reports=reports,
        recorder=recorder,
        slots=SlotJournal(paths.state / f"media-{number}.slots"),
    )
    return worker, recorder


def _raise_descriptor_limit() -> None:
    """Each leg is a socket; the usual soft limit of 1024 is for programs that use select(2)."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _tone(name: str, country: str) -> bytes:
    """Tones are imported at the first: a relay that was just restarted needs none."""
    from appliance.signals.tones import tone

    try:
        return tone(name, country)
    except RefusedError as error:
        logger.warning("%s", error)
        return b""


def _listening(number: int, settings: Environment) -> socket.socket:
    """Return the socket that control connects to: passed by the service manager, or made."""
    passed = notify.inherited_socket(f"media-{number}")
    if passed is not None:
        return passed
    path = settings.paths.media_socket(number)
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(str(path))
    path.chmod(0o600)
    made.listen(BACKLOG)
    return made
