"""Keys in SIP INFO."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.info_digits import digit_in


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", b"Signal= *\nDuration=100", "*"),
        ("application/dtmf-relay", b"Duration=160\r\nSignal=11\r\n", "#"),
        ("application/dtmf", b"7", "7"),
        ("application/dtmf", b"d\r\n", "D"),
        ("application/dtmf-relay", b"Signal=hello", None),
        ("application/dtmf-relay", b"", None),
        ("text/plain", b"Signal=5", None),
    ],
)
def test_the_forms_that_phones_send(kind, body, key):
    assert digit_in(kind, body) == key


@given(st.binary(max_size=200))
def test_garbage_is_a_key_or_nothing(body):
    assert digit_in("application/dtmf-relay", body) in {None, *"0123456789*#ABCD"}
