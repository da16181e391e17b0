"""Counting what came: many legs at once and each alone come to the same."""

import numpy as np
import pytest

from appliance.engines.media import reception
from appliance.engines.media.columns import Columns
from appliance.engines.media.intake import Intake
from appliance.engines.media.layout import bytes_for
from appliance.engines.media.rtp import Batch

LEGS = 64


def counted(ticks, *, is_distinct):
    """The figures of all legs after these ticks, each of (place, sequence) of what came."""
    columns = Columns(bytearray(bytes_for(LEGS)), LEGS)
    reception.begin_anew(columns, np.arange(LEGS))
    batch = Batch(LEGS)
    for rows in ticks:
        places = [place for place, _ in rows]
        batch.filled(places, [172] * len(rows), is_distinct=is_distinct)
        batch.sequence[: len(rows)] = [sequence for _, sequence in rows]
        every, none = batch.every[: len(rows)], batch.none[: len(rows)]
        reception.note(columns, batch, Intake(every, batch.place, ~none, none, is_plain=True))
    return [reception.received(columns, place)[:3] for place in range(LEGS)]


@pytest.mark.rfc("3550", "A.3")
def test_a_leg_that_loses_is_counted_alone_and_all_others_at_once_to_the_same_figures():
    gone = {(3, 10), (3, 11), (9, 20)}
    ticks = [
        [(place, number) for place in range(LEGS) if (place, number) not in gone]
        for number in range(65_530 - 65_536, 30)
    ]
    ticks = [[(place, number & 0xFFFF) for place, number in rows] for rows in ticks]
    ticks[15][5] = (5, 4)  # late, or twice
    at_once = counted(ticks, is_distinct=True)
    assert at_once == counted(ticks, is_distinct=False)
    assert at_once[0] == (36, 36, 65_536 + 29)
    assert at_once[3][:2] == (34, 36)
    assert at_once[9][:2] == (35, 36)
