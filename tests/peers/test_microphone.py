"""A prompt spoken at the box, through PyAudio, PortAudio and ALSA, as with a card.

The card is ALSA's file plug-in, which ends in no hardware: what is recorded from it comes from a
file or a pipe, and what is played stands in another file.
"""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from running_box import wait_for
from tone_prompts import loudest

from appliance.daemons.own_prompts import FROM_MICROPHONE, own_prompts
from appliance.daemons.prompts import prompt_file
from appliance.signals.g711 import decode_alaw
from appliance.signals.levels import active_level
from appliance.store.places import Paths
from appliance.vocabulary.settings import Site

pytestmark = pytest.mark.peer

RATE = 48000
HERTZ = 700
ALSA = Path("/usr/share/alsa/alsa.conf")
CARD = """
pcm.!default {{
    type plug
    slave.pcm {{
        type file
        slave.pcm {{ type null }}
        file "{played}"
        infile "{spoken}"
        format "raw"
    }}
    route_policy copy
}}
"""


@pytest.fixture
def portaudio() -> None:
    pytest.importorskip("pyaudio", reason="PyAudio is not installed (make test builds it)")
    if not ALSA.exists():
        pytest.skip("ALSA has no configuration here (package libasound2-data)")


class Desk:
    """A data folder, and the card beside it."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder / "var")
        self.spoken, self.played = folder / "spoken", folder / "played"
        card = folder / "alsa.conf"
        card.write_text(f"<{ALSA}>\n" + CARD.format(spoken=self.spoken, played=self.played))
        self.environment = {
            **os.environ, "LINGHE_DATA": str(self.paths.root), "ALSA_CONFIG_PATH": str(card),
        }  # fmt: skip

    def linghe(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "appliance.daemons.command_line", *words],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    def kept(self, name: str) -> np.ndarray:
        (prompt,) = (one for one in own_prompts(self.paths, Site()) if one.name == name)
        assert prompt.versions[0].origin == FROM_MICROPHONE
        alaw = prompt_file(self.paths, prompt.versions[0].prompt).read_bytes()
        return decode_alaw(np.frombuffer(alaw, np.uint8))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def tone(seconds: float, level: float = 0.1) -> np.ndarray:
    times = np.arange(int(seconds * RATE)) / RATE
    return (level * 32767 * np.sin(2 * np.pi * HERTZ * times)).astype("<i2")


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), "<i2")


def file_hertz(file: Path) -> list[int]:
    samples = np.frombuffer(file.read_bytes(), "<i2")
    return loudest(samples[:: RATE // 8000])


@pytest.mark.usefixtures("portaudio")
@pytest.mark.feature("prompt: by the microphone at the box")
def test_what_is_spoken_at_the_box_is_trimmed_levelled_played_back_and_kept(desk: Desk) -> None:
    spoken = np.concatenate([silence(1.0), tone(2.0), silence(1.0)])
    desk.spoken.write_bytes(spoken.tobytes())
    done = desk.linghe("prompt", "record", "welcome", "--microphone", "--seconds", "4", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["is_new"]
    sound = desk.kept("welcome")
    assert 2.0 <= len(sound) / 8000 <= 2.3, "the silence at both ends is gone"
    assert set(loudest(sound[800:-1600])) == {HERTZ}
    assert active_level(sound) == pytest.approx(-20.0, abs=1.0), "as loud as the box's own voice"
    assert file_hertz(desk.played).count(HERTZ) >= 15, "played back"


class AtTheTerminal:
    """`linghe prompt record` on a terminal, whose Enter key this presses."""

    def __init__(self, desk: Desk, *words: str) -> None:
        self.keys, theirs = pty.openpty()
        self.program = subprocess.Popen(
            [sys.executable, "-m", "appliance.daemons.command_line", "prompt", "record", *words],
            env=desk.environment, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.shown = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := os.read(self.keys, 4096):
                self.shown += data.decode(errors="replace")
        except OSError:
            return  # nobody is at the other end any more

    def press(self, keys: str) -> None:
        os.write(self.keys, keys.encode())

    def end(self) -> None:
        if self.program.poll() is None:
            os.killpg(self.program.pid, signal.SIGKILL)
        self.program.wait(10)
        os.close(self.keys)


@pytest.mark.usefixtures("portaudio")
def test_enter_ends_it_the_meter_moves_and_key_1_keeps_it(desk: Desk) -> None:
    os.mkfifo(desk.spoken)
    is_over = threading.Event()

    def speak() -> None:
        """A voice that goes on; PortAudio opens the card a few times before it records."""
        block = tone(0.1).tobytes()
        while not is_over.is_set():
            with desk.spoken.open("wb", buffering=0) as voice, suppress(BrokenPipeError):
                while not is_over.wait(0.05):
                    voice.write(block)

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    terminal = AtTheTerminal(desk, "welcome", "--microphone")
    try:
        wait_for(lambda: " 1.0 s  ####" in terminal.shown, 30, "a second on the meter")
        terminal.press("\n")
        wait_for(lambda: "1 keeps it" in terminal.shown, 60, "the question")
        terminal.press("1\n")
        assert terminal.program.wait(30) == 0, terminal.shown
    finally:
        is_over.set()
        terminal.end()
    assert "too loud" not in terminal.shown
    assert HERTZ in loudest(desk.kept("welcome"))


@pytest.mark.usefixtures("portaudio")
def test_an_unplugged_card_is_told_before_anybody_speaks_in_vain(desk: Desk) -> None:
    Path(desk.environment["ALSA_CONFIG_PATH"]).write_text(f"<{ALSA}>\n")
    done = desk.linghe("prompt", "record", "welcome", "--microphone", "--seconds", "2", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["key"] == "microphone_missing"
    assert "*77" in done.stdout
    assert "Speak now" not in done.stderr
    assert own_prompts(desk.paths, Site()) == []


@pytest.mark.usefixtures("portaudio")
def test_a_microphone_that_is_switched_off_leaves_what_there_was(desk: Desk) -> None:
    desk.spoken.write_bytes(silence(3.0).tobytes())
    done = desk.linghe("prompt", "record", "welcome", "--microphone", "--seconds", "2", "--json")
    assert json.loads(done.stdout)["error"]["key"] == "prompt_silent"
    assert own_prompts(desk.paths, Site()) == []


@pytest.mark.usefixtures("portaudio")
def test_a_microphone_is_chosen_by_name_and_a_wrong_name_is_told_with_those_there_are(
    desk: Desk,
) -> None:
    desk.spoken.write_bytes(tone(2.0).tobytes())
    wanted = ("prompt", "record", "welcome", "--microphone", "--seconds", "1")
    assert desk.linghe(*wanted, "--device", "DEFAULT").returncode == 0
    refused = desk.linghe(*wanted, "--replace", "--device", "Studio", "--json")
    assert json.loads(refused.stdout)["error"]["key"] == "microphone_unknown"
    assert "default" in refused.stdout and "Speak now" not in refused.stderr
    taken = desk.linghe(*wanted, "--json")
    assert json.loads(taken.stdout)["error"]["key"] == "prompt_taken"


def test_without_pyaudio_a_sentence_says_how_to_have_it(tmp_path: Path) -> None:
    """What `python -m appliance.daemons.microphone` says where it cannot be imported."""
    hidden = "import sys; sys.modules['pyaudio'] = None; "
    program = "from appliance.daemons.microphone.__main__ import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", hidden + program, "record", "", "1"],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["key"] == "microphone_missing"
    assert ".venv/bin/pip install --editable '.[sound]'" in told["remedy"]


def test_the_doctor_says_whether_a_prompt_can_be_spoken_at_the_box(desk: Desk) -> None:
    desk.linghe("claim")
    told = json.loads(desk.linghe("doctor", "--json").stdout)
    (found,) = (one for one in told["findings"] if one["check"] == "microphone")
    assert found["lamp"] == "green", "none is no fault"
    assert "default" in found["sentence"] or "*77" in found["sentence"]
