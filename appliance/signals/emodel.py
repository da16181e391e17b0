"""Telephone quality as one number: the E-model of ITU-T G.107, and the MOS that follows from R.

    R = 93.2 - Id - Ie_eff
    Id     = 0.024 d + 0.11 max(0, d - 177.3)           d: one-way delay, ms (G.107, echo-free)
    Ie_eff = Ie + (95 - Ie) · P / (P + Bpl)             P: loss, per cent, not in bursts (BurstR 1)
    MOS    = 1 + 0.035 R + R (R - 60) (100 - R) · 7e-6  (G.107 annex B), 1 where R <= 0

93.2 is what G.107 gives for its default values. The form of Id is the usual two straight lines
through the standard's curve. Ie and Bpl are those of G.113 appendix I for G.711 with concealment;
the box carries speech at 8 kHz inside, so a wide-band codec can sound no better here.
"""

from typing import Final

from appliance.vocabulary.audio import Codec

BEST_R: Final = 93.2
"""G.107 with all parameters at their default."""
_EQUIPMENT: Final[dict[Codec, tuple[float, float]]] = {
    Codec.PCMA: (0.0, 25.1),
    Codec.PCMU: (0.0, 25.1),
    Codec.G722: (0.0, 25.1),
    Codec.OPUS: (11.0, 19.0),
}
"""Ie and Bpl. G.711 with concealment: G.113 appendix I. G.722 is taken for G.711. Opus has no
values there: those of G.729A (11, 19) are taken, the nearest predictive codec that has; Opus is
better, so its figure is never flattered."""
WORST_MOS: Final = 1.0
BEST_MOS: Final = 4.5


def rating(codec: Codec, *, loss: float, delay_ms: float) -> float:
    """Return R, 0 to 93.2. `loss` is a share, 0 to 1; `delay_ms` is one way, mouth to ear."""
    impairment, robustness = _EQUIPMENT[codec]
    per_cent = 100.0 * min(max(loss, 0.0), 1.0)
    equipment = impairment + (95.0 - impairment) * per_cent / (per_cent + robustness)
    delay = 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - 177.3)
    return max(0.0, BEST_R - delay - equipment)


def mos_of(r: float) -> float:
    """Return the mean opinion score, 1.0 to 4.5, of a rating."""
    if r <= 0:
        return WORST_MOS
    if r >= 100:
        return BEST_MOS
    return max(WORST_MOS, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def mouth_to_ear_ms(*, round_trip_ms: float | None, jitter_ms: float, packet_ms: float) -> float:
    """Estimate the one-way delay: half the round trip, a packet, and a receiver's buffer of two
    jitters (at least one packet). An unknown round trip counts as none: the local network."""
    buffer = max(packet_ms, 2.0 * jitter_ms)
    return (round_trip_ms or 0.0) / 2.0 + packet_ms + buffer


def mos(
    codec: Codec,
    *,
    packets: int,
    lost: int,
    jitter_ms: float,
    round_trip_ms: float | None,
    packet_ms: float,
) -> float:
    """Return the MOS of what was received, rounded to two places."""
    expected = packets + lost
    loss = lost / expected if expected else 0.0
    delay = mouth_to_ear_ms(round_trip_ms=round_trip_ms, jitter_ms=jitter_ms, packet_ms=packet_ms)
    return round(mos_of(rating(codec, loss=loss, delay_ms=delay)), 2)
