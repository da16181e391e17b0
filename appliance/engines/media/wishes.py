"""What follows at once from a leg's wished-for audio, without asking anybody else."""

from typing import Final

from appliance.engines.media.rtp import SAMPLES_A_MS
from appliance.vocabulary.audio import (
    Codec,
    Echo,
    FarEnd,
    Hears,
    LegAudio,
    Mix,
    PeerAudio,
    Playlist,
    Silence,
    Tone,
)
from appliance.vocabulary.ids import LegId

TICK_MS: Final = 10
TICKS_A_SECOND: Final = 100
SAMPLES_A_TICK: Final = TICK_MS * SAMPLES_A_MS
USUAL_FRAME: Final = 20 * SAMPLES_A_MS
MOST_TICKS_A_PACKET: Final = 6


def frame_of(far: FarEnd) -> int:
    """Samples in a packet: whole ticks, and no more than a row has room for."""
    ticks = min(max(far.ptime_ms // TICK_MS, 1), MOST_TICKS_A_PACKET)
    # Opus has packets of 10, 20, 40 and 60 ms (RFC 6716 §2.1.4).
    if far.codec is Codec.OPUS:
        ticks = {3: 2, 5: 4}.get(ticks, ticks)
    return ticks * SAMPLES_A_TICK


def needs_more(audio: LegAudio) -> bool:
    """Say whether the plain relay is not enough for this leg: see `steps`."""
    far = audio.far
    is_coded = far is not None and far.codec not in (Codec.PCMA, Codec.PCMU)
    is_sealed = far is not None and far.keys is not None
    return is_coded or is_sealed or isinstance(audio.hears, Mix) or audio.is_masked


def speaker_of(leg: LegId, hears: Hears) -> LegId | None:
    """Return whose packets this leg gets by relay."""
    match hears:
        case PeerAudio(leg=speaker):
            return speaker
        case Echo():
            return leg
        case Silence() | Playlist() | Tone() | Mix():
            return None
