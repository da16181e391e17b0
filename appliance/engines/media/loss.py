"""Far ends that fell silent: no packet for 20 s although there should be some.

Told again each minute: a phone that is muted is alive when it is asked, and may vanish later.
"""

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
AGAIN_AFTER: Final = 60.0
MOST_TOLD: Final = 255
LOOK_EVERY_TICKS: Final = 50


def newly_lost(columns: Columns, now: Instant) -> list[tuple[int, float]]:
    """Return places and for how long they have been silent; each loss once a minute."""
    silent_for = now - columns.heard_at
    patience = np.where(columns.has_ssrc, LOST_AFTER, NEVER_HEARD_AFTER)
    due = np.clip((silent_for - patience) // AGAIN_AFTER + 1, 0, MOST_TOLD)
    places = np.flatnonzero(columns.is_watched & (due > columns.losses_told))
    columns.losses_told[places] = due[places]
    return [(place, float(silent_for[place])) for place in places.tolist()]
