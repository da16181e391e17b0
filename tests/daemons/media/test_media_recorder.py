"""The recorder's rows: masked tracks are silence, legs on one channel can be told apart."""

import numpy as np

from appliance.daemons.media.recorder import Recorder
from appliance.engines.media.engine import Tracked
from appliance.engines.media.legs import Leg
from appliance.engines.media.rtp import HEADER_BYTES, Batch
from appliance.engines.recording.frames import read_rows
from appliance.vocabulary.audio import Channel, Codec, FarEnd, LegAudio, Track
from appliance.vocabulary.ids import CallId, Instant, LegId, RecordingId

PLACES = 64


def leg(place, recording="r", channel=Channel.AGENT, codec=Codec.PCMA):
    far = FarEnd(address="127.0.0.1", port=4000, codec=codec, payload_type=8)
    track = Track(recording=RecordingId(recording), channel=channel)
    name, call = LegId(f"leg-{place}"), CallId("call")
    audio = LegAudio(leg=name, call=call, version=1, far=far, track=track)
    return Leg(leg=name, call=call, place=place, port=4000, audio=audio)


def recorder(folder):
    tracks, is_masked = np.zeros((PLACES, 40), np.uint8), np.zeros(PLACES, np.bool_)
    return Recorder(folder, 0, tracks, is_masked), tracks, is_masked


def written(folder, made, places, size=160):
    batch = Batch(PLACES)
    batch.payload[: len(places), :size] = 0x21
    batch.filled(places, [HEADER_BYTES + size] * len(places))
    tracked = Tracked(np.arange(len(places)), np.array(places), np.full(len(places), size))
    assert made.write(batch, tracked, Instant(5.0)) is None
    return read_rows(b"".join(path.read_bytes() for path in sorted(folder.glob("*.lhf"))))


def test_masked_leg_is_recorded_as_silence_of_its_law_and_of_full_length(tmp_path):
    made, _, is_masked = recorder(tmp_path)
    for place, codec in ((1, Codec.PCMA), (2, Codec.PCMU), (3, Codec.G722), (4, Codec.PCMA)):
        made.track(place, leg(place, channel=Channel.CALLER, codec=codec))
    is_masked[[1, 2, 3]] = True
    rows = written(tmp_path, made, [1, 2, 3, 4])
    assert rows["track"]["payload_length"].tolist() == [160] * 4
    assert [set(row.tolist()) for row in rows["payload"]] == [{0xD5}, {0xFF}, {0xD5}, {0x21}]


def test_masked_packet_of_30_ms_is_silent_to_its_end(tmp_path):
    made, _, is_masked = recorder(tmp_path)
    made.track(1, leg(1))
    is_masked[1] = True
    rows = written(tmp_path, made, [1], size=240)
    assert rows["track"]["payload_length"].tolist() == [160, 80]
    assert 0x21 not in rows["payload"]


def test_legs_on_one_channel_are_different_voices_until_one_is_gone(tmp_path):
    made, tracks, _ = recorder(tmp_path)
    for place in (3, 5, 9):
        made.track(place, leg(place))
    made.track(6, leg(6, channel=Channel.CALLER))
    made.track(7, leg(7, recording="other"))
    rows = written(tmp_path, made, [3, 5, 9, 6, 7])
    assert rows["track"]["voice"].tolist() == [0, 1, 2, 0, 0]
    made.track(5, leg(5))
    tracks[3] = 0
    made.track(10, leg(10))
    rows = written(tmp_path, made, [5, 9, 10])
    assert rows["track"]["voice"].tolist()[-3:] == [1, 2, 0]
