"""Keys of a site for handling calls: supervisors, music, numbers of queues, codes of a talk."""

import pytest

from appliance.store.site_file import read_site
from appliance.store.site_text import text_of
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.settings import Site, TalkCodes

PLAIN = """
[site]
name = "Shop"
music = "waltz"

[[extension]]
number = "8001"
secret = "a-secret-of-8001"

[[agent]]
id = "1001"
extension = "8001"
pin = "4711"
role = "supervisor"

[[queue]]
id = "orders"
agents = ["1001"]
music = "tango"
number = "600"

[talk_codes]
transfer = "*#"
"""


def site_of(text):
    return read_site(text, "site.toml", before=Site(), random_bytes=bytes)[0]


def test_the_keys_are_read_and_written_again():
    site = site_of(PLAIN)
    assert site.site.music == "waltz"
    assert site.agent[0].role == "supervisor"
    assert (site.queue[0].music, site.queue[0].number) == ("tango", "600")
    assert site.talk_codes == TalkCodes(transfer="*#")
    again = site_of(text_of(site))
    assert (again.site, again.queue, again.talk_codes) == (site.site, site.queue, site.talk_codes)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('role = "supervisor"', 'role = "boss"', "role"),
        ('number = "600"', 'number = "8001"', "taken already"),
        ('transfer = "*#"', 'transfer = "*"', "keys more"),
        ('transfer = "*#"', 'transfer = "*2"', "cannot be told from another code"),
    ],
)
def test_what_cannot_be_is_said_with_its_line(before, after, said):
    with pytest.raises(SiteError) as problems:
        site_of(PLAIN.replace(before, after))
    assert said in str(problems.value)
