"""Far ends that fell silent: no packet for 20 s although there should be some."""

from typing import Final

import numpy as np

from appliance.engines.media.columns import Columns
from appliance.vocabulary.ids import Instant

LOST_AFTER: Final = 20.0
"""Seconds. A phone that suppresses silence still sends comfort noise when its background changes,
and nobody keeps quite still for so long; a phone that was unplugged sends nothing at all, and a
dead line should not hold an agent for longer."""
NEVER_HEARD_AFTER: Final = 300.0
"""Seconds, for a far end that has not sent one packet yet: some only listen (announcement lines,
test callers), and asking them whether they live (a re-INVITE) is more than they can answer."""
LOOK_EVERY_TICKS: Final = 50


def newly_lost(columns: Columns, now: Instant) -> list[tuple[int, float]]:
    """Return places and for how long they have been silent; each loss once."""
    silent_for = now - columns.heard_at
    patience = np.where(columns.has_ssrc, LOST_AFTER, NEVER_HEARD_AFTER)
    lost = columns.is_watched & ~columns.loss_is_told & (silent_for >= patience)
    places = np.flatnonzero(lost)
    columns.loss_is_told[places] = True
    return [(place, float(silent_for[place])) for place in places.tolist()]
