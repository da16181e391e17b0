"""SIP status codes and causes, both ways."""

import pytest

from appliance.lines.causes import STATUS_OF_CAUSE, cause_of, status_of
from appliance.vocabulary.lines import Cause


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_a_final_failure_to_tell(cause):
    status, reason = status_of(cause)
    assert 400 <= status <= 699
    assert reason


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (486, Cause.BUSY),
        (600, Cause.BUSY),
        (603, Cause.REJECTED),
        (404, Cause.NOT_FOUND),
        (480, Cause.NO_ANSWER),
        (487, Cause.CANCELLED),
        (408, Cause.UNREACHABLE),
        (503, Cause.CONGESTION),
        (488, Cause.INCOMPATIBLE_AUDIO),
        (499, Cause.FAILURE),
    ],
)
def test_what_phones_and_carriers_mean(status, cause):
    assert cause_of(status) is cause


def test_busy_stays_busy_through_the_box():
    for cause in (Cause.BUSY, Cause.NOT_FOUND, Cause.INCOMPATIBLE_AUDIO, Cause.REJECTED):
        assert cause_of(STATUS_OF_CAUSE[cause][0]) is cause
