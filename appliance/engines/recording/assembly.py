"""From the rows of one recording to its file: stereo A-law WAV, caller left, agent right.

A-law WAV (format tag 6, RIFF as in Microsoft's "Multimedia Programming Interface", 1991) needs
no codec, plays in browsers, and is exactly what was received: bytes of A-law are copied, µ-law
is transcoded by table, gaps are silence (0xD5). A message (only the caller's side) is mono. Legs
that are recorded on one side at the same time are summed.
"""

import struct
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from appliance.engines.recording.frames import AGENT, CALLER, PAYLOAD, PCMU, Rows, chosen
from appliance.engines.recording.placement import RATE, Places, placed
from appliance.signals.g711 import (
    ALAW_SILENCE,
    ALAW_TO_LINEAR,
    ULAW_TO_ALAW,
    Coded,
    encode_alaw,
)
from appliance.vocabulary.ids import Seconds

FRAME: Final = 160
"""Samples of the 20 ms that missing frames are counted in."""
LONGEST: Final = 24 * 3600 * RATE
"""Samples that a recording can have; what lies behind a day is left out."""
WAV_HEADER: Final = 58

_ALAW_TAG: Final = 6
_PIECE: Final = 1 << 20

Voice = tuple[Rows, Places]
"""Rows of one leg in playing order, and the place of each."""


class Assembled(NamedTuple):
    """A finished recording."""

    wav: bytes
    seconds: Seconds
    missing_frames: int
    """20 ms places that a packet should have filled and none did, both sides together. Silence
    that the far end did not send (its sequence numbers go on without a hole) is not missing."""
    is_stereo: bool


def assembled(rows: Rows) -> Assembled | None:
    """Make the file from all rows of one recording, in any order; None if there is no audio."""
    sides = [_voices(chosen(rows, rows["track"]["channel"] == side)) for side in (CALLER, AGENT)]
    spans = [_span(voice, places) for side in sides for voice, places in side]
    if not spans:
        return None
    begin = min(first for first, _ in spans)
    length = min(max(last for _, last in spans) - begin, LONGEST)
    is_stereo = bool(sides[1])
    columns = 2 if is_stereo else 1
    sound = np.full((length, columns), ALAW_SILENCE, np.uint8)
    missing = 0
    for column in range(columns):
        missing += sum(_missing_frames(voice, places) for voice, places in sides[column])
        _lay_side(sound[:, column], sides[column], begin)
    return Assembled(
        wav=wav_header(length, columns) + sound.tobytes() + b"\0" * (sound.size % 2),
        seconds=Seconds(length / RATE),
        missing_frames=missing,
        is_stereo=is_stereo,
    )


def _voices(side: Rows) -> list[Voice]:
    """Return each voice of a channel that has audio, placed: its rows and where they stand."""
    found = [
        placed(chosen(side, side["track"]["voice"] == voice))
        for voice in np.unique(side["track"]["voice"])
    ]
    return [(rows, places) for rows, places in found if _has_audio(rows)]


def _lay_side(line: Coded, voices: list[Voice], begin: int) -> None:
    """Write a channel: a single voice as it came, several as their sum."""
    if len(voices) == 1:
        _lay_voice(line, voices[0], begin)
        return
    lines = [np.full(len(line), ALAW_SILENCE, np.uint8) for _ in voices]
    for own, voice in zip(lines, voices, strict=True):
        _lay_voice(own, voice, begin)
    # A piece at a time: sums are four times as long as what they are made of.
    for start in range(0, len(line), _PIECE):
        total = np.zeros(len(line[start : start + _PIECE]), np.int32)
        for own in lines:
            piece = own[start : start + _PIECE]
            total += np.where(piece == ALAW_SILENCE, 0, np.take(ALAW_TO_LINEAR, piece))
        clipped = np.clip(total, -32768, 32767).astype(np.int16)
        line[start : start + _PIECE] = encode_alaw(clipped)


def _lay_voice(line: Coded, voice: Voice, begin: int) -> None:
    rows, places = voice
    speaks = rows["track"]["payload_length"] > 0
    _lay(line, chosen(rows, speaks), places[speaks] - begin)


def wav_header(frames: int, columns: int) -> bytes:
    """Return the 58 bytes before `frames` x `columns` A-law bytes (odd data wants a pad byte)."""
    size = frames * columns
    return b"".join(
        (
            struct.pack("<4sI4s", b"RIFF", WAV_HEADER - 8 + size + size % 2, b"WAVE"),
            struct.pack(
                "<4sIHHIIHHH", b"fmt ", 18, _ALAW_TAG, columns, RATE, RATE * columns, columns, 8, 0
            ),
            # Formats other than PCM say their length in samples a side.
            struct.pack("<4sII", b"fact", 4, frames),
            struct.pack("<4sI", b"data", size),
        )
    )


def _has_audio(rows: Rows) -> bool:
    return bool(rows["track"]["payload_length"].any())


def _span(rows: Rows, places: Places) -> tuple[int, int]:
    """Return where a side's audio begins and where it ends."""
    length = rows["track"]["payload_length"]
    speaks = length > 0
    return int(places[speaks].min()), int((places + length)[speaks].max())


def _lay(line: Coded, rows: Rows, places: Places) -> None:
    """Write the rows' bytes on their places; of two on one place the later packet stays."""
    audio = rows["payload"]
    is_ulaw = rows["track"]["codec"] == PCMU
    if is_ulaw.any():
        audio = np.where(is_ulaw[:, None], np.take(ULAW_TO_ALAW, audio), audio)
    length = rows["track"]["payload_length"].astype(np.int64)
    for start, stop in _runs(rows, places):
        # Whole rows that follow each other without a seam are one copy.
        place = int(places[start])
        if stop - start == 1:
            piece = audio[start, : length[start]]
        else:
            piece = audio[start:stop].reshape(-1)
        room = line[place : place + len(piece)]
        room[:] = piece[: len(room)]


def _runs(rows: Rows, places: Places) -> list[tuple[int, int]]:
    """Return [start, stop) of rows that are full and follow seamlessly; others alone."""
    if not len(rows):
        return []
    is_full = rows["track"]["payload_length"] == PAYLOAD
    goes_on = is_full[1:] & is_full[:-1] & (np.diff(places) == PAYLOAD)
    starts = np.concatenate([[0], np.flatnonzero(~goes_on) + 1])
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(rows)], strict=True))


def _missing_frames(rows: Rows, places: Places) -> int:
    """Count the 20 ms places lost between the rows of one side."""
    if len(rows) < 2:
        return 0
    ends = places + rows["track"]["payload_length"]
    gaps = places[1:] - np.maximum.accumulate(ends)[:-1]
    lost_packets = (np.diff(rows["sequence"]).view(np.int16)).astype(np.int64) - 1
    is_loss = (gaps > 0) & (lost_packets > 0) & (rows["ssrc"][1:] == rows["ssrc"][:-1])
    # Each lost packet was no longer than those that came; the rest of a gap is silence not sent.
    longest = int((rows["offset"] + rows["track"]["payload_length"]).max())
    lost = np.minimum(gaps[is_loss], lost_packets[is_loss] * longest)
    frames: npt.NDArray[np.int64] = -(-lost // FRAME)
    return int(frames.sum())
