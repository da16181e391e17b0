"""A running bakery with desk features, and what its desk phones do there."""

import wave

import numpy
from bakery import AT_ONCE
from running_box import RunningBox, wait_for
from tone_prompts import lay, phrase, text, tone

from appliance.engines.recording.frames import read_rows
from appliance.signals.g711 import decode_alaw

NOTICE, MENU = 600, 850
PARKED, NOTHING, FORWARDED, QUIET = 1000, 1250, 1350, 1550
"""Hertz of the box's sentences."""
DAY = "2026-11-23"


def desk_box(folder, carrier_port, *more, changes=(), prompts=()):
    """Start a box with the bakery, changed as (old, new), and with more tables and prompts (as
    tone_prompts.lay takes them). Yields it."""
    folder.mkdir(mode=0o700)
    lay(
        folder,
        [
            (text("Welcome to Bread and Co. This call is recorded."), NOTICE, 0.6),
            (text("For orders press 1, for the office press 2, for Anna press 3."), MENU, 3.0),
            (phrase("agent_number", agent="1001"), 1150, 0.3),
            (phrase("agent_number", agent="1002"), 1450, 0.3),
            (phrase("call_parked"), PARKED, 0.8),
            (phrase("nothing_to_pick_up"), NOTHING, 0.8),
            (phrase("forwarding_on"), FORWARDED, 0.8),
            (phrase("forwarding_off"), FORWARDED, 0.8),
            (phrase("do_not_disturb_on"), QUIET, 0.8),
            (phrase("do_not_disturb_off"), QUIET, 0.8),
            *prompts,
        ],
    )
    running = RunningBox(folder)
    site = AT_ONCE
    for old, new in (("port = 5090", f"port = {carrier_port}"), *changes):
        assert old in site, old
        site = site.replace(old, new)
    try:
        running.start()
        running.apply("\n".join([site, *more]))
        yield running
    finally:
        running.stop()


def dial(box, phone, number):
    """Key a number in at a baresip phone."""
    phone.say("dial", f"sip:{number}@127.0.0.1:{box.sip_port}")


def talking(box, *numbers):
    """Wait until these phones talk in one call; return it."""
    return wait_for(
        lambda: [
            call
            for call in box.live().calls
            if call.stage == "talking" and call.extension in numbers
        ],
        10,
        f"a talk with {numbers}",
    )[0]


def calls_of(box, number):
    """The ledger's calls of this caller."""
    calls = box.linghe_json("calls", "--day", DAY)
    return [one for one in calls if one["caller"].get("number") == number]


def one_call_of(box, number, seconds=10):
    """The caller's one call, as soon as it has ended."""

    def ended():
        found = calls_of(box, number)
        return found if found and all(one.get("ended") for one in found) else None

    (call,) = wait_for(ended, seconds, f"the call of {number} in the ledger")
    return call


def filed(box, number, count):
    """The caller's call, as soon as so many of its recordings are sealed."""

    def done():
        (call,) = calls_of(box, number) or [{"recordings": []}]
        sealed = [one for one in call["recordings"] if one.get("file")]
        return call if len(sealed) == count else None

    # Sealing yields to everything else on the machine.
    return wait_for(done, 40, f"{count} recordings of {number}")


def with_sound(box):
    """The recordings of which the media worker has written sound; without any there is no file."""
    found = set()
    for journal in (box.folder / "frames").glob("*.lhf"):
        rows = read_rows(journal.read_bytes())
        found |= set(rows["track"]["recording"][rows["track"]["payload_length"] > 0].tolist())
    return found


def channels(box, recording):
    """The sealed file's two sides as samples: the caller's, then ours."""
    data = (box.folder / "recordings" / recording["file"]).read_bytes()
    body = numpy.frombuffer(data[data.index(b"data") + 8 :], numpy.uint8)
    return decode_alaw(body[0::2]), decode_alaw(body[1::2])


def wav_file(folder, hertz):
    """A tone to speak with; at its end baresip hangs up."""
    file = folder / f"tone{hertz}.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(hertz, 120).tobytes())
    return file
