"""A queue, an agent and a skill are changed while real callers (sipp) wait: at work within a
second, and nobody loses his place; renaming loses nothing. So it is by the page "Site file"."""

import html
import re

import pytest
from desk_box import desk_box, talking
from page_reader import PageReader
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite
from team_site import straight_to_the_team
from tone_prompts import lay

from appliance.daemons.prompts import DiskCatalogue
from appliance.store.calls import CallBook
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import AgentOffered, SiteApplied

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

NUMBER = "02188887778"
AT_ONCE_SECONDS = 1.0
TEAM = """
[[queue]]
id = "team"
name = "Team"
agents = []
strategy = "longest-idle"
ring_seconds = 60
max_wait_seconds = 300
wrap_up_seconds = 0
reject_pause_seconds = 0
record = false
announce_agent = false
announce_position_seconds = 0
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    at_work = ('pin = "4713"', 'pin = "4713"\nsigned_in = true')
    folder = tmp_path_factory.mktemp("change") / "var"
    yield from desk_box(
        folder, carrier_port, straight_to_the_team(NUMBER) + TEAM, changes=[at_work]
    )


@pytest.fixture
def change(box):
    """A door to change the site while the box runs, a step on from the step before."""
    file = box.folder.parent / f"{box.folder.name}-site.toml"
    first = file.read_text()

    def changed(old, new):
        site = file.read_text()
        assert old in site, old
        box.apply(site.replace(old, new))

    yield changed
    box.apply(first)


def waiting(box):
    """Who waits, in their order, and since when."""
    calls = [one for one in box.live().calls if one.queue == "team" and one.stage == "queued"]
    return [
        (one.caller.number, one.queued_since) for one in sorted(calls, key=lambda c: c.position)
    ]


def rings(box, phone, number, *, rung_before=0):
    """Wait until this phone rings; return how long after the last change the box rang it."""
    phone.wait("CALL_INCOMING", count=rung_before + 1)

    def told():
        book = CallBook(box.folder / "calls.db")
        entries = book.entries_between(Utc(0.0), Utc(1e12))
        applied = [one.at for one in entries if isinstance(one.fact, SiteApplied)]
        rung = [
            one.at
            for one in entries
            if isinstance(one.fact, AgentOffered) and one.fact.extension == number
        ]
        return rung and rung[-1] > applied[-1] and rung[-1] - applied[-1]

    return wait_for(told, 10, f"{number} to ring, in the ledger")


@pytest.mark.feature("change: queue, agent and skill within 1 s")
@pytest.mark.feature("change: no waiting caller loses his place")
@pytest.mark.feature("change: renaming loses nothing")
def test_queue_agent_and_skill_change_at_once_and_nobody_loses_his_place(box, phones, sipp, change):
    anna, ben = phones("8001"), phones("8002")
    callers = {f"1390000080{n}": None for n in (1, 2, 3)}
    for place, number in enumerate(callers):
        steps = (invite(NUMBER, caller=number), ANSWERED, ACK, WAIT_BYE)
        callers[number] = sipp(*steps)
        wait_for(lambda here=place: len(waiting(box)) == here + 1, 20, f"{number} in the queue")
    places = waiting(box)
    assert [number for number, _ in places] == list(callers)

    # The queue: other settings, another name; nobody is moved.
    change('name = "Team"\n', 'name = "Bakery team"\nweight = 3\nannounce_wait = true\n')
    assert waiting(box) == places
    assert {one.queue: one.name for one in box.live().queues}["team"] == "Bakery team"

    # An agent comes in: his phone rings, for the first of them.
    change('agents = []\nstrategy = "longest-idle"', 'agents = ["1001"]\nstrategy = "fixed-order"')
    assert rings(box, anna, "8001") < AT_ONCE_SECONDS
    anna.say("accept")
    talking(box, "8001")
    assert waiting(box) == places[1:]

    # The skill that is asked for: Ben, who is there, lacks it; then he has it.
    change('agents = ["1001"]\n', 'agents = ["1001", "1002"]\nskills = { bread = 2 }\n')
    assert waiting(box) == places[1:] and not ben.has("CALL_INCOMING")
    change('pin = "4712"', 'pin = "4712"\nskills = { bread = 3 }')
    assert rings(box, ben, "8002") < AT_ONCE_SECONDS
    ben.say("accept")
    talking(box, "8002")
    assert waiting(box) == places[2:]

    # Renamed while they talk and wait: the talks go on, and so does the wait.
    change('name = "Bakery team"', 'name = "Counter"')
    change('id = "1001"\nname = "Anna"', 'id = "1001"\nname = "Anne"')
    assert waiting(box) == places[2:]
    assert {one.stage for one in box.live().calls} == {"talking", "queued"}

    for phone in (anna, ben):
        phone.say("hangup")
    [agent] = wait_for(
        lambda: [one.agent for one in box.live().agents if one.state == "ringing"],
        20,
        "the last caller to be offered",
    )
    last = {"1001": anna, "1002": ben}[agent]
    last.wait("CALL_INCOMING", count=2)
    last.say("accept")
    talking(box, last.number)
    last.say("hangup")
    for one in callers.values():
        one.finish()

    # Under their new names all that was stands in the day's report.
    report = box.linghe("report", "daily", "--date", "2026-11-23", "--format", "csv")
    assert "Counter" in report and "Bakery team" not in report
    assert "Anne" in report and "Anna" not in report
    told = box.linghe_json("report", "daily", "--date", "2026-11-23")
    [team] = [one for one in told["queues"] if one["queue"] == "team"]
    counts = team["figures"]["counts"]
    assert (team["name"], counts["offered"], counts["answered"]) == ("Counter", 3, 3)


def nothing_is_left_to_say(box):
    """Lay a tone for each sentence that has no sound yet: the page would make speech first."""
    store = SettingsStore(Paths(box.folder).settings)
    site = store.current()
    store.close()
    unsaid = DiskCatalogue(Paths(box.folder)).unrendered(site)
    lay(box.folder, [(one, 440, 0.1) for one in unsaid])


@pytest.mark.feature("change: by the page, in a call")
def test_the_owner_applies_a_site_file_by_the_page_and_no_call_is_lost(box, phones, sipp, change):
    change('agents = []\nstrategy = "longest-idle"', 'agents = ["1001"]\nstrategy = "fixed-order"')
    nothing_is_left_to_say(box)
    anna = phones("8001")
    callers = [
        sipp(invite(NUMBER, caller=f"1390000085{n}"), ANSWERED, ACK, WAIT_BYE) for n in (1, 2)
    ]
    anna.wait("CALL_INCOMING")
    anna.say("accept")
    talking(box, "8001")
    wait_for(lambda: len(waiting(box)) == 1, 20, "the other one in the queue")
    before, places = {(one.call, one.stage) for one in box.live().calls}, waiting(box)

    owner = PageReader(box)
    field = re.search(r'<textarea class="form-control site-text".*?>\n(.*?)</textarea>',
                      owner.read("/site/"), re.DOTALL)  # fmt: skip
    text = html.unescape(field[1]) + '\n[[extension]]\nnumber = "8097"\nname = "Yard"\n'
    seen = owner.send("/site/check", {"text": text})
    assert "shows them once: 8097" in seen
    form = seen[seen.index('action="/site/apply"') :].partition("</form>")[0]
    hidden = dict(re.findall(r'name="(version|checked|form)" value="([^"]*)"', form))
    owner.send("/site/apply", {**hidden, "text": text})
    outcome = f"/site/applying/{hidden['form']}"
    wait_for(lambda: "Running calls go on." in owner.read(outcome), 60, "it to be applied")
    assert 'class="secret"' in owner.read(outcome)
    wait_for(lambda: "8097" in {one.name for one in box.live().lines}, 10, "the new phone")

    assert {(one.call, one.stage) for one in box.live().calls} == before
    assert waiting(box) == places
    anna.say("hangup")
    anna.wait("CALL_INCOMING", count=2)
    anna.say("accept")
    talking(box, "8001")
    anna.say("hangup")
    for one in callers:
        one.finish()
