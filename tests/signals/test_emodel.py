"""The E-model against values that the standards print."""

import pytest

from appliance.signals.emodel import mos, mos_of, rating
from appliance.vocabulary.audio import Codec


@pytest.mark.rfc("G.107", "B")
@pytest.mark.parametrize(
    ("r", "score"),
    [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)],
)
def test_the_scores_of_g107_table_b1(r, score):
    assert mos_of(r) == pytest.approx(score, abs=0.011)


def test_scores_stay_within_one_and_four_and_a_half():
    assert mos_of(-5) == 1.0
    assert mos_of(0) == 1.0
    assert mos_of(120) == 4.5
    assert all(1.0 <= mos_of(r / 10) <= 4.5 for r in range(1000))


def test_a_good_line_is_rated_as_the_default_of_the_standard():
    assert rating(Codec.PCMA, loss=0, delay_ms=0) == 93.2
    assert mos(
        Codec.PCMA, packets=5000, lost=0, jitter_ms=0.2, round_trip_ms=1.0, packet_ms=20
    ) == pytest.approx(4.39, abs=0.02)


def test_more_loss_or_more_delay_is_never_better():
    by_loss = [rating(Codec.PCMA, loss=n / 100, delay_ms=50) for n in range(0, 101, 5)]
    by_delay = [rating(Codec.PCMA, loss=0.01, delay_ms=n * 20) for n in range(40)]
    assert by_loss == sorted(by_loss, reverse=True)
    assert by_delay == sorted(by_delay, reverse=True)


def test_five_per_cent_of_loss_is_heard():
    bad = mos(Codec.PCMA, packets=950, lost=50, jitter_ms=5, round_trip_ms=40, packet_ms=20)
    assert 3.4 < bad < 4.1


def test_a_leg_that_nothing_was_received_from_is_no_division_by_zero():
    assert mos(Codec.PCMU, packets=0, lost=0, jitter_ms=0, round_trip_ms=None, packet_ms=20) > 4
