"""What a queue says of its agents and of where callers go: faults are told, right ones are kept."""

import pytest

from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.settings import Overflow, Site

HEAD = """
[[extension]]
number = "8001"
[[agent]]
id = "1001"
extension = "8001"
skills = { polish = 4 }
[[agent]]
id = "1002"
[[trunk]]
id = "carrier"
host = "127.0.0.1"
[[outbound]]
prefix = "9"
strip = 1
trunks = ["carrier"]
allow = ["local", "national"]
[[queue]]
id = "sales"
agents = ["1001"]
"""


def read(text: str) -> Site:
    return read_site(HEAD + text, "s.toml", before=Site(), random_bytes=bytes)[0]


def test_everything_a_queue_may_say_is_read_and_written_again() -> None:
    site = read(
        """
        strategy = "skills"
        weight = 2
        priority_seconds = 30
        vip_numbers = ["13800138000", "+48221234567"]
        vip_credit_seconds = 240
        vip_agents = ["1001"]
        penalties = { "1001" = 3 }
        agent_weights = { "1001" = 2.5 }
        skills = { polish = 3 }
        relax_after_seconds = 30
        relax_by = 2
        last_agent_days = 14
        overflow = { to = "number", number = "913800138000" }
        overflow_full = { to = "voicemail", box = "sales" }
        overflow_no_agent = { to = "extension", extension = "8001" }
        """
    )
    [queue] = site.queue
    assert (queue.weight, queue.skills, queue.relax_by) == (2, {"polish": 3}, 2)
    assert queue.overflow == Overflow(to="number", number="913800138000")
    assert queue.overflow_no_agent == Overflow(to="extension", extension="8001")
    again, _ = read_site(write_site(site), "s.toml", before=Site(), random_bytes=bytes)
    assert again.queue == site.queue


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('penalties = { "1002" = 3 }', 'penalties: 1002 does not stand in the queue\'s "agents"'),
        ('vip_agents = ["1002"]', "vip_agents: 1002 does not stand"),
        ('agent_weights = { "1001" = 0 }', "expected a number from 0.01 to 100"),
        ("weight = 0", "expected a number from 0.1 to 10"),
        ('overflow = { to = "number" }', 'to = "number" needs number'),
        ('overflow = { to = "number", number = "9110" }', "cannot be sent to an emergency number"),
        ('overflow = { to = "number", number = "9004822123" }', "allows no international numbers"),
        ('overflow = { to = "number", number = "8123" }', "an [[outbound]] prefix begins"),
        ('overflow_full = { to = "queue", queue = "sales" }', "the name of another queue"),
        ('overflow_no_agent = { to = "flow", flow = "x" }', "the name of a flow"),
    ],
)
def test_what_does_not_fit_together_is_refused(wrong: str, said: str) -> None:
    with pytest.raises(SiteError) as caught:
        read(wrong)
    assert said in str([str(fault) for fault in caught.value.faults]) + str(caught.value)
