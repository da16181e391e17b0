"""Numbers outside that a flow rings: refused when applied, where they would not go out."""

import pytest

from appliance.store.site_file import read_site
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.settings import Site

SITE = """
[[trunk]]
id = "carrier"
host = "127.0.0.1"

[[outbound]]
prefix = "9"
strip = 1
trunks = ["carrier"]
allow = ["local", "national"]

[[flow]]
id = "main"
start = "owner"

[flow.node.owner]
kind = "outside"
number = "{number}"
"""


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("8123", "a number that an [[outbound]] prefix begins"),
        ("9004822123", 'the [[outbound]] prefix "9" allows no international numbers'),
        ("9110", "callers cannot be sent to an emergency number"),
        ("{digits}", "number"),
    ],
    ids=["no rule", "class", "emergency", "never what a caller keyed in"],
)
def test_a_number_that_would_not_go_out_is_refused_where_it_stands(number: str, said: str) -> None:
    with pytest.raises(SiteError) as caught:
        read_site(SITE.replace("{number}", number), "s.toml", before=Site(), random_bytes=bytes)
    (fault,) = caught.value.faults
    assert said in str(fault)
    assert fault.line == 18


def test_a_number_that_goes_out_is_taken() -> None:
    text = SITE.replace("{number}", "913800138000")
    site, _ = read_site(text, "s.toml", before=Site(), random_bytes=bytes)
    assert site.flow[0].node
