"""Several legs on one channel of a recording: conference and barge."""

import numpy as np

from appliance.engines.recording.assembly import WAV_HEADER, assembled
from appliance.engines.recording.frames import rows_of, track_of
from appliance.signals.g711 import decode_alaw, encode_alaw
from appliance.vocabulary.audio import Channel, Codec
from appliance.vocabulary.ids import RecordingId

FRAME = 160


def sine(hertz, count, amplitude=6000):
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(count) / 8000)).astype(np.int16)


def rows(sound, *, voice=0, channel=Channel.AGENT, begins_ms=0, ssrc=1):
    """The journal's rows of one leg that says `sound`, a packet every 20 ms."""
    coded = encode_alaw(sound).reshape(-1, FRAME)
    count = len(coded)
    number = np.arange(count)
    return rows_of(
        np.repeat(track_of(RecordingId("r"), channel, Codec.PCMA, voice=voice), count),
        payload=coded,
        length=np.full(count, FRAME),
        timestamp=number * FRAME + 1000 * voice,
        sequence=number,
        ssrc=np.full(count, ssrc),
        arrival_us=(begins_ms * 1000 + number * 20_000).astype(np.int64),
    )


def sides(made):
    columns = 2 if made.is_stereo else 1
    length = round(made.seconds * 8000) * columns
    return np.frombuffer(made.wav, np.uint8, length, WAV_HEADER).reshape(-1, columns)


def test_two_agents_at_once_are_summed_and_each_alone_is_what_came():
    first, second = sine(400, 16000), sine(1000, 8000)
    caller = rows(sine(700, 16000), channel=Channel.CALLER, ssrc=9)
    journal = np.concatenate([caller, rows(first), rows(second, voice=1, begins_ms=500, ssrc=2)])
    made = assembled(np.random.default_rng(1).permutation(journal))
    line = sides(made)[:, 1]
    assert (line[:4000] == encode_alaw(first[:4000])).all()
    assert (line[12000:] == encode_alaw(first[12000:])).all()
    both = decode_alaw(encode_alaw(first))[4000:12000].astype(int) + decode_alaw(
        encode_alaw(second)
    )
    heard = decode_alaw(line[4000:12000]).astype(int)
    assert np.abs(heard - both).max() <= 300
    assert (sides(made)[:, 0] == encode_alaw(sine(700, 16000))).all()
    assert made.missing_frames == 0


def test_two_loud_voices_are_clipped():
    loud = np.full(8000, 25000, np.int16)
    made = assembled(np.concatenate([rows(loud), rows(loud, voice=1, ssrc=2)]))
    assert decode_alaw(sides(made)[:, -1]).min() > 31000


def test_silence_beside_a_voice_changes_no_byte():
    said = sine(400, 8000)
    quiet = np.zeros(8000, np.int16)
    made = assembled(np.concatenate([rows(said), rows(quiet, voice=1, ssrc=2)]))
    assert (sides(made)[:, -1] == encode_alaw(said)).all()


def test_what_either_leg_lost_is_missing():
    kept = np.arange(50) != 20
    made = assembled(np.concatenate([rows(sine(400, 8000))[kept], rows(sine(500, 8000), voice=1)]))
    assert made.missing_frames == 1
