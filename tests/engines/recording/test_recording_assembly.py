"""Stories of what becomes of a call's rows."""

import struct

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.engines.recording.assembly import Assembled, assembled, wav_header
from appliance.engines.recording.frames import Rows, rows_of, track_of
from appliance.signals.g711 import ULAW_TO_ALAW
from appliance.vocabulary.audio import Channel, Codec
from appliance.vocabulary.ids import RecordingId

SILENCE = 0xD5


class Phone:
    """A side that sends: each packet's bytes tell where in its speech they stand."""

    def __init__(
        self,
        channel: Channel = Channel.CALLER,
        *,
        codec: Codec = Codec.PCMA,
        ssrc: int = 7,
        timestamp: int = 0xFFFFF000,
        sequence: int = 65530,
        clock_ms: float = 1000.0,
    ) -> None:
        self.channel, self.codec, self.ssrc = channel, codec, ssrc
        self.timestamp, self.sequence, self.clock_ms = timestamp, sequence, clock_ms
        self.rows: list[Rows] = []
        self.said: list[npt.NDArray[np.uint8]] = []
        self._count = 0

    def say(
        self, packets: int = 1, *, length: int = 160, late_ms: float = 0, is_lost: bool = False
    ) -> "Phone":
        """Send packets in real time; each may come late or never."""
        for _ in range(packets):
            self._count += 1
            payload = ((np.arange(length) + 37 * self._count) % 251).astype(np.uint8)
            self.said.append(payload)
            if not is_lost:
                self._journal(payload, late_ms)
            self._go_on(length)
            self.sequence = (self.sequence + 1) % 65536
        return self

    def event(self, packets: int) -> "Phone":
        """A key: packets with one timestamp that carry no speech."""
        for _ in range(packets):
            self._journal(np.empty(0, np.uint8), 0)
            self.clock_ms += 20
            self.sequence = (self.sequence + 1) % 65536
        return self._advance(packets * 160)

    def still(self, ms: int) -> "Phone":
        """Send nothing for a while, the timestamp goes on (DTX, hold)."""
        return self._go_on(ms * 8)

    def frozen(self, ms: int) -> "Phone":
        """Send nothing for a while and let the timestamp stand."""
        self.clock_ms += ms
        return self

    def _advance(self, samples: int) -> "Phone":
        self.timestamp = (self.timestamp + samples) & 0xFFFFFFFF
        return self

    def _go_on(self, samples: int) -> "Phone":
        self.clock_ms += samples / 8
        return self._advance(samples)

    def _journal(self, payload: npt.NDArray[np.uint8], late_ms: float) -> None:
        padded = np.zeros((1, 480), np.uint8)
        padded[0, : len(payload)] = payload
        self.rows.append(
            rows_of(
                track_of(RecordingId("r"), self.channel, self.codec),
                payload=padded,
                length=np.array([len(payload)]),
                timestamp=np.array([self.timestamp]),
                sequence=np.array([self.sequence]),
                ssrc=np.array([self.ssrc]),
                arrival_us=int((self.clock_ms + late_ms) * 1000),
            )
        )


def made(*phones: Phone) -> Assembled:
    result = assembled(np.concatenate([row for phone in phones for row in phone.rows]))
    assert result is not None
    return result


def sides(result: Assembled) -> npt.NDArray[np.uint8]:
    """The samples, one column a side, read as a program would that knows WAV only."""
    riff, size, wave, fmt, fmt_size = struct.unpack_from("<4sI4s4sI", result.wav)
    assert (riff, wave, fmt) == (b"RIFF", b"WAVE", b"fmt ")
    assert size == len(result.wav) - 8
    tag, columns, rate, bytes_second, block, bits = struct.unpack_from("<HHIIHH", result.wav, 20)
    assert (tag, rate, bytes_second, block, bits) == (6, 8000, 8000 * columns, columns, 8)
    at = 20 + fmt_size
    fact, fact_size, samples = struct.unpack_from("<4sII", result.wav, at)
    assert fact == b"fact"
    at += 8 + fact_size
    data, data_size = struct.unpack_from("<4sI", result.wav, at)
    assert data == b"data"
    assert data_size == samples * columns
    assert len(result.wav) == at + 8 + data_size + data_size % 2
    assert result.seconds == samples / 8000
    assert result.is_stereo == (columns == 2)
    return np.frombuffer(result.wav, np.uint8, data_size, at + 8).reshape(-1, columns)


def test_a_talk_is_stereo_caller_left_agent_right_byte_for_byte() -> None:
    caller = Phone(Channel.CALLER).say(50)
    agent = Phone(Channel.AGENT, ssrc=9, timestamp=5).say(50)
    sound = sides(made(caller, agent))
    assert sound[:, 0].tolist() == np.concatenate(caller.said).tolist()
    assert sound[:, 1].tolist() == np.concatenate(agent.said).tolist()
    assert made(caller, agent).missing_frames == 0


def test_a_message_is_mono() -> None:
    caller = Phone(Channel.CALLER).say(11, length=81)
    assert not made(caller).is_stereo
    assert sides(made(caller))[:, 0].tolist() == np.concatenate(caller.said).tolist()


def test_a_caller_who_never_sends_leaves_the_left_side_silent() -> None:
    sound = sides(made(Phone(Channel.AGENT).say(3)))
    assert sound.shape == (480, 2)
    assert set(sound[:, 0].tolist()) == {SILENCE}


def test_the_side_that_begins_later_stands_later() -> None:
    caller = Phone(Channel.CALLER, clock_ms=1000).say(20)
    agent = Phone(Channel.AGENT, clock_ms=1130).say(10)
    sound = sides(made(caller, agent))
    assert set(sound[: 130 * 8, 1].tolist()) == {SILENCE}
    assert sound[130 * 8 :, 1][:1600].tolist() == np.concatenate(agent.said).tolist()
    assert made(caller, agent).missing_frames == 0


def test_lost_packets_are_silence_in_their_place_and_counted() -> None:
    caller = Phone().say(10).say(3, is_lost=True).say(10)
    result = made(caller)
    sound = sides(result)[:, 0]
    expected = np.concatenate(caller.said)
    expected[1600:2080] = SILENCE
    assert sound.tolist() == expected.tolist()
    assert result.missing_frames == 3


def test_silence_that_was_not_sent_is_a_gap_but_not_missing() -> None:
    caller = Phone().say(10).still(2000).say(10)
    result = made(caller)
    sound = sides(result)[:, 0]
    assert len(sound) == 20 * 160 + 16000
    assert set(sound[1600:17600].tolist()) == {SILENCE}
    assert result.missing_frames == 0


def test_keys_between_speech_are_not_missing_frames() -> None:
    result = made(Phone().say(10).event(150).say(10))
    assert result.seconds == 170 * 0.02
    assert result.missing_frames == 0


def test_a_phone_whose_timestamp_stood_still_on_hold_stays_in_time() -> None:
    caller = Phone(Channel.CALLER).say(500)
    agent = Phone(Channel.AGENT).say(50).frozen(6000).say(150)
    sound = sides(made(caller, agent))
    assert len(sound) == 500 * 160
    assert sound[350 * 160 :, 1].tolist() == np.concatenate(agent.said[50:]).tolist()
    assert set(sound[8000 : 350 * 160, 1].tolist()) == {SILENCE}


def test_a_network_that_stalls_and_catches_up_moves_nothing() -> None:
    caller = Phone().say(50)
    for packet in range(150):
        caller.say(late_ms=3000 - packet * 20)
    caller.say(50)
    assert sides(made(caller))[:, 0].tolist() == np.concatenate(caller.said).tolist()


def test_jitter_reordering_and_duplicates_change_nothing() -> None:
    rng = np.random.default_rng(3)
    caller = Phone()
    for _ in range(200):
        caller.say(late_ms=float(rng.uniform(0, 120)))
    caller.rows += [caller.rows[place] for place in (5, 17, 17, 100)]
    rng.shuffle(caller.rows)
    result = made(caller)
    assert sides(result)[:, 0].tolist() == np.concatenate(caller.said).tolist()
    assert result.missing_frames == 0


def test_another_ssrc_and_timestamp_base_goes_on_where_it_arrives() -> None:
    before = Phone(ssrc=1, timestamp=100).say(50)
    after = Phone(ssrc=2, timestamp=3_000_000_000, clock_ms=before.clock_ms + 400).say(50)
    sound = sides(made(before, after))[:, 0]
    assert sound[:8000].tolist() == np.concatenate(before.said).tolist()
    assert set(sound[8000:11200].tolist()) == {SILENCE}
    assert sound[11200:].tolist() == np.concatenate(after.said).tolist()


def test_a_timestamp_that_jumps_under_the_same_ssrc_is_anchored_anew() -> None:
    caller = Phone().say(50)
    caller.timestamp = (caller.timestamp + 12345678) & 0xFFFFFFFF
    caller.say(50)
    assert sides(made(caller))[:, 0].tolist() == np.concatenate(caller.said).tolist()


def test_mulaw_and_packets_of_30_ms_come_out_as_alaw() -> None:
    caller = Phone(codec=Codec.PCMU).say(10, length=240)
    expected = ULAW_TO_ALAW[np.concatenate(caller.said)]
    assert sides(made(caller))[:, 0].tolist() == expected.tolist()


def test_packets_of_60_ms_come_out_whole_and_lost_ones_are_counted() -> None:
    caller = Phone().say(10, length=480).say(2, length=480, is_lost=True).say(10, length=480)
    result = made(caller)
    expected = np.concatenate(caller.said)
    expected[4800:5760] = SILENCE
    assert sides(result)[:, 0].tolist() == expected.tolist()
    assert result.missing_frames == 6


def test_a_codec_changed_in_the_call_is_heard_on() -> None:
    before = Phone(codec=Codec.PCMA).say(10)
    after = Phone(
        codec=Codec.PCMU,
        timestamp=before.timestamp,
        sequence=before.sequence,
        clock_ms=before.clock_ms,
    ).say(10)
    expected = np.concatenate([*before.said, *(ULAW_TO_ALAW[said] for said in after.said)])
    assert sides(made(before, after))[:, 0].tolist() == expected.tolist()


def test_a_liar_cannot_make_the_file_long() -> None:
    """Timestamps that run 400 ms ahead with each packet: the file is as long as the talk."""
    caller = Phone()
    for _ in range(500):
        caller.say()._advance(3200)
    assert sides(made(caller))[:, 0].tolist() == np.concatenate(caller.said).tolist()


def test_a_phone_that_counts_its_timestamp_wrongly_loses_no_speech() -> None:
    """80 for each 160 samples (a clock rate of 4000), and 320 (16000)."""
    for wrong in (-80, 160):
        caller = Phone()
        for _ in range(300):
            caller.say()._advance(wrong)
        heard = sides(made(caller))[:, 0].tolist()
        assert heard == np.concatenate(caller.said).tolist(), f"{160 + wrong} a packet"


def test_nothing_received_is_no_recording() -> None:
    assert assembled(np.concatenate(Phone().say(1).rows)[:0]) is None
    assert assembled(np.concatenate(Phone().event(3).rows)) is None


def test_header_of_an_odd_length_counts_the_pad_byte() -> None:
    header = wav_header(3, 1)
    assert len(header) == 58
    assert struct.unpack_from("<I", header, 4)[0] == 58 - 8 + 3 + 1


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**32 - 1),
            st.integers(0, 65535),
            st.integers(0, 3),
            st.integers(0, 60_000_000),
            st.integers(0, 320),
            st.booleans(),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=150)
def test_any_rows_make_a_readable_file_that_loses_no_time(
    packets: list[tuple[int, int, int, int, int, bool]],
) -> None:
    rows = [
        rows_of(
            track_of(RecordingId("r"), Channel.AGENT if is_agent else Channel.CALLER, Codec.PCMA),
            payload=np.ones((1, 320), np.uint8),
            length=np.array([length]),
            timestamp=np.array([timestamp]),
            sequence=np.array([sequence]),
            ssrc=np.array([ssrc]),
            arrival_us=arrival,
        )
        for timestamp, sequence, ssrc, arrival, length, is_agent in packets
    ]
    result = assembled(np.concatenate(rows))
    if result is None:
        assert not any(length for *_, length, _ in packets)
        return
    sides(result)
    assert result.seconds <= 60 + 5 + len(packets) * 0.04 + 1
    assert result.missing_frames >= 0
