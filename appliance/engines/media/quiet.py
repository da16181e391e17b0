"""Legs whose silence somebody waits for: a voicemail message that is over, though nobody hung up.

What comes is silence where its samples are small, as a line's own noise is, or where nothing comes
at all (a far end that suppresses silence). A restarted worker begins to count anew.
"""

from typing import Final

import numpy as np

from appliance.engines.media.columns import MU_LAW, Columns
from appliance.engines.media.intake import Intake
from appliance.engines.media.legs import Leg
from appliance.engines.media.rtp import HEADER_BYTES, Batch
from appliance.signals.g711 import ALAW_TO_LINEAR, ULAW_TO_LINEAR
from appliance.vocabulary.ids import Instant

LOUD: Final = 200.0
"""Mean amplitude of 16-bit samples, some -42 dB: speech has ten times as much, a line's noise a
third."""


class Quiet:
    """The legs that are listened to, and when each was last heard."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._limit: dict[int, float] = {}
        self._heard_at: dict[int, Instant] = {}

    @property
    def is_waited_for(self) -> bool:
        """Whether any leg is listened to; usually none is."""
        return bool(self._limit)

    def note(self, leg: Leg, now: Instant) -> None:
        """A leg's audio is wished otherwise."""
        limit = leg.audio.quiet_after if leg.audio is not None else None
        if limit is None:
            self.forget(leg.place)
        elif self._limit.get(leg.place) != limit:
            self._limit[leg.place], self._heard_at[leg.place] = limit, now

    def forget(self, place: int) -> None:
        """The leg is gone, or nobody waits any more."""
        self._limit.pop(place, None)
        self._heard_at.pop(place, None)

    def hear(self, batch: Batch, taken: Intake, now: Instant) -> None:
        """Note who speaks in this batch, before its rows are rewritten."""
        wanted = np.isin(taken.place, list(self._limit)) & taken.is_audio
        for row, place in zip(
            taken.rows[wanted].tolist(), taken.place[wanted].tolist(), strict=True
        ):
            coded = batch.payload[row, : int(batch.size[row]) - HEADER_BYTES]
            table = ULAW_TO_LINEAR if self._columns.law[place] == MU_LAW else ALAW_TO_LINEAR
            if len(coded) and np.abs(np.take(table, coded).astype(np.float32)).mean() > LOUD:
                self._heard_at[place] = now

    def fallen(self, now: Instant) -> list[tuple[int, float]]:
        """Return who has been silent for as long as was asked, and for how long; each once."""
        found = [
            (place, now - at)
            for place, at in self._heard_at.items()
            if now - at >= self._limit[place]
        ]
        for place, _ in found:
            del self._heard_at[place]
        return found
