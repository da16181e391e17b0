"""Erlang B, C and A against published and independently computed figures."""

import pytest

from appliance.reports.erlang import erlang_a, erlang_b, erlang_c
from appliance.vocabulary.errors import RefusedError

HALF_HOUR = 1800.0


@pytest.mark.parametrize(
    ("load", "lines", "lost"),
    [
        (1, 1, 1 / 2),
        (1, 2, 1 / 5),
        (2, 4, 2 / 21),
        (2, 5, 4 / 109),
        (25, 30, 0.052603),
    ],
)
def test_lines_that_are_all_busy(load: float, lines: int, lost: float) -> None:
    assert erlang_b(load, lines) == pytest.approx(lost, abs=5e-7)


@pytest.mark.parametrize(
    ("per_s", "handle", "within", "agents", "waits", "mean_wait", "level", "occupancy"),
    [
        (100 / HALF_HOUR, 180, 20, 11, 0.682118, 122.781, 0.389614, 0.909091),
        (100 / HALF_HOUR, 180, 20, 12, 0.449388, 40.445, 0.640158, 0.833333),
        (100 / HALF_HOUR, 180, 20, 13, 0.285270, 17.116, 0.795595, 0.769231),
        (100 / HALF_HOUR, 180, 20, 14, 0.1741319, 7.8359, 0.8883500, 0.714286),
        (100 / HALF_HOUR, 180, 20, 15, 0.102042, 3.674, 0.941453, 0.666667),
        (360 / HALF_HOUR, 240, 15, 55, 0.238701, 8.184, 0.845883, 0.8727),
        (48 / 60, 60, 20, 50, 0.694456, 20.834, 0.643455, 0.96),
        (20 / HALF_HOUR, 180, 20, 3, 4 / 9, 80.000, 0.602294, 0.666667),
        (20 / HALF_HOUR, 180, 20, 4, 4 / 23, 15.652, 0.860741, 0.5),
        (20 / HALF_HOUR, 180, 20, 5, 0.059701, 3.582, 0.957222, 0.4),
        (20 / HALF_HOUR, 180, 20, 6, 0.018018, 0.811, 0.988447, 0.333333),
    ],
)
def test_callers_who_wait_and_never_give_up(
    per_s: float,
    handle: float,
    within: float,
    agents: int,
    waits: float,
    mean_wait: float,
    level: float,
    occupancy: float,
) -> None:
    found = erlang_c(per_s, handle, agents, within)
    assert found.waits == pytest.approx(waits, abs=6e-7)
    assert found.mean_wait_s == pytest.approx(mean_wait, abs=6e-4)
    assert found.within == pytest.approx(level, abs=6e-7)
    assert found.occupancy == pytest.approx(occupancy, abs=5e-5)
    assert found.abandons == 0


@pytest.mark.parametrize("agents", [10, 9, 1, 0])
def test_more_work_than_agents_is_refused_not_printed(agents: int) -> None:
    with pytest.raises(RefusedError) as refused:
        erlang_c(100 / HALF_HOUR, 180, agents, 20)
    assert refused.value.key == "overload"
    assert "At least 11" in refused.value.remedy


@pytest.mark.parametrize(
    ("per_s", "handle", "patience", "within", "agents", "expected"),
    [
        (
            100 / HALF_HOUR,
            180,
            300,
            20,
            14,
            {
                "waits": 0.145260,
                "abandons": 0.013984,
                "mean_wait_s": 0.069919 * 60,
                "occupancy": 0.704297,
                "within": 0.916792,
            },
        ),
        (
            48 / 60,
            60,
            120,
            20,
            50,
            {
                "waits": 0.467774,
                "abandons": 0.030912,
                "mean_wait_s": 3.709,
                "occupancy": 0.930324,
                "mean_queue": 2.968,
            },
        ),
        (
            20 / HALF_HOUR,
            180,
            60,
            20,
            2,
            {
                "waits": 0.503495,
                "abandons": 0.331003,
                "mean_wait_s": 19.860,
                "occupancy": 0.668997,
                "within": 0.558410,
            },
        ),
        (
            20 / HALF_HOUR,
            180,
            60,
            20,
            3,
            {
                "waits": 0.274886,
                "abandons": 0.152603,
                "mean_wait_s": 9.156,
                "occupancy": 0.564932,
                "within": 0.776627,
            },
        ),
        (
            20 / HALF_HOUR,
            180,
            60,
            20,
            4,
            {
                "waits": 0.124656,
                "abandons": 0.059627,
                "mean_wait_s": 3.578,
                "occupancy": 0.470186,
                "within": 0.906457,
            },
        ),
    ],
)
def test_callers_who_give_up(
    per_s: float,
    handle: float,
    patience: float,
    within: float,
    agents: int,
    expected: dict[str, float],
) -> None:
    found = erlang_a(per_s, handle, agents, within, patience)
    for name, value in expected.items():
        tolerance = 6e-4 if name in ("mean_wait_s", "mean_queue") else 6e-7
        assert getattr(found, name) == pytest.approx(value, abs=tolerance), name


def test_endless_patience_is_erlang_c_and_overload_has_an_answer() -> None:
    patient = erlang_a(100 / HALF_HOUR, 180, 14, 20, 1e7)
    endless = erlang_c(100 / HALF_HOUR, 180, 14, 20)
    assert patient.within == pytest.approx(endless.within, abs=1e-5)
    swamped = erlang_a(1.0, 180, 10, 20, 60)
    assert swamped.abandons == pytest.approx(1 - 10 / 180, abs=1e-6)
    assert swamped.occupancy == pytest.approx(1.0, abs=1e-6)
