"""Numbers with real carriers: one stored form inward, each trunk's own form outward, and whose
number the called party sees."""

import pytest
from desk_box import calls_of, desk_box, dial
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, answers, invite, pause

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def second_port():
    return free_port()


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port, second_port):
    second = (
        f'[[trunk]]\nid = "second"\nhost = "127.0.0.1"\nport = {second_port}\n'
        'number_form = "e164"\ncaller_number = "02188886666"\n\n'
        '[[outbound]]\nprefix = "8"\nstrip = 1\ntrunks = ["second"]\n'
    )
    changes = [
        ("channels = 1000", 'channels = 1000\nnumber_form = "plus"\ncaller_number = "02188886666"'),
        ('name = "Ben"\nsecret', 'name = "Ben"\ncaller_number = "02188886602"\nsecret'),
    ]
    folder = tmp_path_factory.mktemp("numbers") / "var"
    yield from desk_box(folder, carrier_port, second, changes=changes)


def carrier(called, caller):
    """A carrier that goes on only where it is called so, by that number."""
    checks = (
        f'<ereg regexp="sip:{called}@" search_in="msg" check_it="true" assign_to="1"/>'
        f'<ereg regexp="sip:{caller}@" search_in="hdr" header="From:" check_it="true" '
        'assign_to="2"/>'
    )
    first = '<recv request="INVITE" crlf="true"></recv>'
    steps = answers().replace(
        first, f'<recv request="INVITE" crlf="true"><action>{checks}</action></recv>', 1
    )
    return steps + WAIT_BYE + '<Reference variables="1,2"/>\n'


@pytest.mark.feature("numbers: one form by country")
@pytest.mark.parametrize("caller", ["+8613900000601", "8613900000602", "008613900000603"])
def test_a_caller_is_stored_in_one_form_whatever_the_carrier_says(box, sipp, caller):
    sipp(invite("+862188886666", caller=caller), ANSWERED, ACK, pause(600), BYE).finish()
    assert wait_for(lambda: calls_of(box, caller[-11:]), 5, "the call in the ledger")


@pytest.mark.feature("numbers: one form by country", "numbers: caller number per trunk")
@pytest.mark.parametrize(
    ("phone", "dialled", "called", "shown"),
    [
        ("8001", "913800138000", r"\+8613800138000", "02188886666"),
        ("8002", "913800138000", r"\+8613800138000", "02188886602"),
        ("8001", "813800138000", "8613800138000", "02188886666"),
    ],
)
def test_each_carrier_is_called_in_its_form_and_shown_the_right_number(
    box, phones, sipp, carrier_port, second_port, phone, dialled, called, shown
):
    port = carrier_port if dialled.startswith("9") else second_port
    outside = sipp(carrier(called, shown), extra=("-p", str(port)))
    desk = phones(phone)
    dial(box, desk, dialled)
    desk.wait("CALL_ESTABLISHED")
    desk.say("hangup")
    outside.finish()
