"""How many callers came to each queue at each hour of a day, as a mean over the days that had any:
what a simulated day begins from.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from appliance.reports.days import zone_of
from appliance.reports.simulated_people import Arrivals
from appliance.vocabulary.ids import QueueId, Utc


def usual_arrivals(
    came: Iterable[tuple[Utc, QueueId]], timezone: str
) -> Mapping[QueueId, tuple[Arrivals, ...]]:
    """Return each queue's mean day, its hours in order; hours without callers are left out.

    A day without a single caller counts for none: the shop was closed.
    """
    zone = zone_of(timezone)
    counts: dict[QueueId, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    days = set()
    for at, queue in came:
        local = datetime.fromtimestamp(at, zone)
        days.add(local.date())
        counts[queue][local.hour] += 1
    return {
        queue: tuple(
            Arrivals(
                from_=f"{hour:02}:00",
                to=f"{hour + 1:02}:00",
                calls=round(hours[hour] / len(days), 1),
                queue=queue,
            )
            for hour in sorted(hours)
        )
        for queue, hours in counts.items()
    }
