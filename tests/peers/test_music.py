"""Music on hold and in queues as the parties hear it: an owner's own, by site and by queue."""

import numpy
import pytest
from bakery import BAKERY
from capture import Capture, read
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, invite, pause, play, voice
from sound_files import sine, write

from appliance.signals.music_level import music_dbm0
from appliance.signals.single_tone import tone_share

pytestmark = [pytest.mark.peer, pytest.mark.slow]

LOBBY, WAITING = 'lobby "春天"', "waiting room"
LOBBY_HZ, WAITING_HZ = 620, 990
SECOND = 8000


@pytest.fixture(scope="module")
def music(box, tmp_path_factory):
    """Two pieces of the owner's, of known frequency, added while the box runs."""
    folder = tmp_path_factory.mktemp("music")
    stereo = numpy.column_stack([sine(LOBBY_HZ, 20), sine(LOBBY_HZ, 20, level=0.05)])
    box.linghe("music", "add", LOBBY, str(write(folder / "lobby.wav", stereo)))
    file = write(folder / "waiting.mp3", sine(WAITING_HZ, 20, rate=48000), 48000)
    box.linghe("music", "add", WAITING, str(file))
    return box


@pytest.fixture
def hearing(tmp_path):
    """Call it with a name and ports to listen to what the box sends there from now on."""
    made = []

    def begin(who, ports):
        one = Hearing(ports, tmp_path / f"heard-by-{who}.pcap")
        made.append(one.capture)
        return one

    yield begin
    for one in made:
        one.stop()


class Hearing:
    """What the box sends to one party."""

    def __init__(self, ports, file):
        self.ports = ports
        self.capture = Capture(file, f"portrange {ports[0]}-{ports[-1]}")

    def samples(self):
        """All of it until now."""
        mine = [one for port, one in read(self.capture.file).items() if port in self.ports]
        whole = [stream.audio() for stream in mine if stream.packets]
        return max(whole, key=len, default=numpy.zeros(0, numpy.int16))

    def seconds_of(self, hertz, after=0):
        """Wait until this tone and nothing else is heard for a second, from a sample on; return
        such seconds."""

        def found():
            samples = self.samples()[after:-240]
            starts = range(0, len(samples) - SECOND + 1, SECOND // 10)
            parts = [samples[start : start + SECOND] for start in starts]
            return [one for one in parts if tone_share(one, hertz) > 0.95]

        return wait_for(found, 20, f"{hertz} Hz to be heard")


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


def apply(box, *, site, queue=""):
    """The bakery with this music; the queue of the orders says no places."""
    quoted = site.replace('"', '\\"')
    lines = ['id = "orders"', "announce_position_seconds = 0"]
    lines += [f'music = "{queue}"'] if queue else []
    text = BAKERY.replace('name = "Bread & Co"\n', f'name = "Bread & Co"\nmusic = "{quoted}"\n', 1)
    box.apply(text.replace('id = "orders"', "\n".join(lines), 1))


def is_at(box, stage):
    wait_for(lambda: [one.stage for one in box.live().calls] == [stage], 10, stage)


def talk(box, phones, hearing):
    """8001 talks with 8002, who picked up, and whom we overhear."""
    first, second = phones("8001"), phones("8002", answer="auto")
    heard = hearing(second.number, second.rtp_ports)
    first.say("dial", f"sip:8002@127.0.0.1:{box.sip_port}")
    first.wait("CALL_ESTABLISHED")
    is_at(box, "talking")
    return first, second, heard


def waits(sipp, hearing, tmp_path):
    """A caller presses 1 and waits among the orders, whose agents have no phones."""
    media = media_port()
    heard = hearing("caller", range(media, media + 1))
    keys = voice(tmp_path / "caller.pcap", numpy.zeros(SECOND * 3, numpy.int16), [(1.5, "1")])
    caller = sipp(invite("02188886666"), ANSWERED, ACK, play(keys), pause(12000), BYE, media=media)
    return caller, heard


@pytest.mark.feature("music on hold chosen by site")
def test_who_is_held_hears_the_sites_music_at_the_telephones_level(music, phones, hearing):
    apply(music, site=LOBBY)
    first, second, heard = talk(music, phones, hearing)
    first.say("hold")
    is_at(music, "held")
    levels = [music_dbm0(one) for one in heard.seconds_of(LOBBY_HZ)]
    assert levels == pytest.approx([-20] * len(levels), abs=1)
    first.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("music on hold chosen by site")
def test_a_hold_goes_on_with_its_music_and_the_next_one_has_what_was_applied(
    music, phones, hearing
):
    apply(music, site=LOBBY)
    first, second, heard = talk(music, phones, hearing)
    first.say("hold")
    heard.seconds_of(LOBBY_HZ)
    apply(music, site=WAITING)
    heard.seconds_of(LOBBY_HZ, after=len(heard.samples()))
    first.say("resume")
    is_at(music, "talking")
    first.say("hold")
    is_at(music, "held")
    heard.seconds_of(WAITING_HZ)
    first.say("hangup")
    second.wait("CALL_CLOSED")


@pytest.mark.feature("music on hold chosen by site")
def test_who_waits_in_a_queue_hears_the_queues_own_music(music, sipp, hearing, tmp_path):
    apply(music, site=LOBBY, queue=WAITING)
    caller, heard = waits(sipp, hearing, tmp_path)
    heard.seconds_of(WAITING_HZ)
    assert tone_share(heard.samples(), LOBBY_HZ) < 0.01
    caller.finish()


def test_who_waits_in_a_queue_without_music_of_its_own_hears_the_sites(
    music, sipp, hearing, tmp_path
):
    apply(music, site=LOBBY)
    caller, heard = waits(sipp, hearing, tmp_path)
    heard.seconds_of(LOBBY_HZ)
    caller.finish()


def test_music_that_is_played_cannot_be_removed_and_what_is_removed_is_heard_to_the_end(
    music, phones, hearing, tmp_path
):
    file = write(tmp_path / "short.flac", sine(1250, 8, rate=48000), 48000)
    music.linghe("music", "add", "short", str(file))
    apply(music, site="short")
    first, second, heard = talk(music, phones, hearing)
    first.say("hold")
    heard.seconds_of(1250)
    assert "music_used" in music.linghe("music", "remove", "short", "--json", check=False)
    apply(music, site="calm")
    music.linghe("music", "remove", "short")
    heard.seconds_of(1250, after=len(heard.samples()))
    # Its sound is on the disk for as long as somebody may hear it: a new worker finds it.
    music.kill("media-0")
    heard.seconds_of(1250, after=len(heard.samples()))
    first.say("hangup")
    second.wait("CALL_CLOSED")
