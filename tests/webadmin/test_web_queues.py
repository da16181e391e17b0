"""The page "Queues": queues and agents by forms, checked and applied as a site file is."""

import html
import re

import pytest
from shop_day import SITE
from web_stage import AGENT, Browser, Stage

from appliance.store.site_keys import AGENT as AGENT_KEYS
from appliance.store.site_keys import QUEUE as QUEUE_KEYS
from appliance.store.site_rows import row_of, whole_row_of
from appliance.vocabulary.ids import (
    AgentId,
    CalendarId,
    ExtensionNumber,
    FlowId,
    NodeName,
    QueueId,
)
from appliance.vocabulary.pins import pin_digest, pin_matches
from appliance.vocabulary.settings import (
    Agent,
    Calendar,
    Extension,
    Flow,
    OpenHours,
    Overflow,
    Queue,
    ServiceLevel,
    Site,
)
from webadmin.pages.queues.fields import REST, fields_of, row_in, shown_in

SALES = Queue(
    id=QueueId("sales"),
    name="Sales",
    agents=(AgentId("1001"), AgentId("1002")),
    penalties={AgentId("1002"): 5},
    skills={"polish": 2},
    overflow=Overflow(to="queue", queue=QueueId("repair")),
    service_level=ServiceLevel(seconds=15),
    announce_wait=True,
)
LI = Agent(
    id=AgentId("1002"),
    name="Li",
    extension=ExtensionNumber("8002"),
    pin_digest=pin_digest("4711", bytes(16)),
    skills={"polish": 3},
    break_minutes={"1": 20},
)


def site_of_queues() -> Site:
    flow = Flow(
        id=FlowId("main"),
        start=NodeName("sales"),
        node={NodeName("sales"): {"kind": "queue", "queue": "sales"}},
    )
    hours = (OpenHours(days="mon-fri", from_="09:00", to="18:00"),)
    return Site(
        site=SITE.site,
        extension=tuple(
            Extension(number=ExtensionNumber(number), ha1_md5="0" * 32, ha1_sha256="0" * 64)
            for number in ("8001", "8002")
        ),
        agent=(Agent(id=AgentId("1001"), name="Wang"), LI),
        queue=(SALES, Queue(id=QueueId("repair"))),
        flow=(flow,),
        calendar=(Calendar(id=CalendarId("shop"), open=hours, holidays="cn"),),
    )


@pytest.fixture
def owner(stage: Stage) -> Browser:
    stage.has_people()
    stage.has_site(site_of_queues())
    stage.has_numbers_spoken("1001", "1002", "1003")
    return stage.logged_in(language="en")


def fields_on(browser: Browser, address: str) -> dict[str, str]:
    """What the form would send as it stands."""
    text = browser.get(address).text
    form = text[
        text.index('class="settings"') : text.index("</form>", text.index('class="settings"'))
    ]
    sent = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', form))
    for name, body in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S
    ):
        sent[name] = body
    for name, body in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', form, re.S):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', body)
        sent[name] = "" if chosen is None else (chosen[1] if chosen[1] is not None else chosen[2])
    for box in re.findall(r'<input[^>]*type="checkbox"[^>]*>', form):
        if "checked" not in box:
            sent.pop(re.search(r'name="([^"]+)"', box)[1], None)
    sent.pop("csrf_token", None)
    return {name: html.unescape(value) for name, value in sent.items()}


def save(browser: Browser, table: str, which: str, /, **changes: str) -> str:
    """Change fields of a form and send it; return what is seen then."""
    address = f"/queues/{table}" + (f"?id={which}" if which else "")
    sent = {**fields_on(browser, address), **changes}
    answer = browser.post(f"/queues/{table}", sent, page=address)
    if answer.status_code == 302:
        answer = browser.get(answer.location)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_saving_a_form_as_it_stands_changes_nothing(owner: Browser, stage: Stage) -> None:
    before = stage.site()
    for table, name in (("queue", "sales"), ("queue", "repair"), ("agent", "1002")):
        assert "Saved. It counts at once" in save(owner, table, name)
    assert stage.site() == before


def test_a_queue_is_changed_by_its_form(owner: Browser, stage: Stage) -> None:
    seen = save(
        owner,
        "queue",
        "sales",
        name="Counter",
        agents="1002\n1001\n",
        strategy="skills",
        ring_seconds="12.5",
        penalties="1001 = 3",
        comfort="Please wait.\n",
        record="",
        overflow="number",
        **{"overflow.where": "", "service_level.seconds": "30", "overflow_full": "hangup"},
    )
    assert 'to = "number" needs number' in seen
    assert stage.site().queue[0] == SALES
    save(
        owner,
        "queue",
        "sales",
        name="Counter",
        agents="1002\n1001\n",
        strategy="skills",
        ring_seconds="12.5",
        penalties="1001 = 3",
        record="",
        overflow="extension",
        **{"overflow.where": "8001", "service_level.seconds": "30", "overflow_full": "hangup"},
    )
    queue = stage.site().queue[0]
    assert (queue.name, queue.agents, queue.strategy) == ("Counter", ("1002", "1001"), "skills")
    assert (queue.ring_seconds, queue.penalties, queue.record) == (12.5, {"1001": 3}, False)
    assert queue.overflow == Overflow(to="extension", extension=ExtensionNumber("8001"))
    assert queue.overflow_full == Overflow(to="hangup") and queue.overflow_no_agent is None
    assert queue.service_level.seconds == 30 and queue.announce_wait
    assert stage.acts()[0] == "site_applied"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ring_seconds", "soon", 'expected a number from 3 to 300 seconds, found "soon"'),
        ("agents", "1001\n9999", 'found "9999"'),
        ("penalties", "1001", 'expected lines as "name = 3"'),
        ("penalties", "1001 = high", 'found "high"'),
        ("vip_agents", "1009", "1009 does not stand in the queue's"),
        ("number", "12x", "expected 2 to 8 digits"),
        (REST, "typo = 1", "typo does not belong here"),
        (REST, "name = 'x'", "name does not belong here"),
        (REST, "a = ", "this is not TOML"),
        (REST, 'survey = "none"', "survey"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_changed(
    owner: Browser, stage: Stage, field: str, value: str, said: str
) -> None:
    seen = save(owner, "queue", "sales", **{field: value})
    place = seen.index(f'name="{field}"')
    fault = seen.index('<div class="invalid-feedback', place)
    assert said in seen[fault : fault + 400]
    assert "Nothing was changed" in seen and stage.site().queue[0] == SALES
    assert value.splitlines()[-1] in seen


def test_an_agent_is_changed_and_his_pin_is_kept_or_new(owner: Browser, stage: Stage) -> None:
    save(owner, "agent", "1002", name="Li Na", skills="polish = 5\nbread = 1")
    agent = stage.site().agent[1]
    assert (agent.name, agent.skills, agent.break_minutes) == (
        *("Li Na", {"polish": 5, "bread": 1}, {"1": 20}),
    )
    assert pin_matches("4711", agent.pin_digest)
    save(owner, "agent", "1002", pin="123456")
    assert pin_matches("123456", stage.site().agent[1].pin_digest)
    seen = save(owner, "agent", "1002", pin="12")
    assert "expected 3 to 8 digits" in seen and "scrypt" not in seen
    assert "scrypt" not in owner.get("/queues/agent?id=1002").text


def test_a_new_queue_and_a_new_agent_and_their_end(owner: Browser, stage: Stage) -> None:
    assert "Saved." in save(owner, "queue", "", id="night", agents="1001")
    assert "Saved." in save(owner, "agent", "", id="1003", name="Zhao", extension="8001")
    assert [one.id for one in stage.site().queue] == ["sales", "repair", "night"]
    assert stage.site().agent[2].extension == "8001"
    assert "There is one of this name already." in save(owner, "queue", "", id="sales")
    assert "A name has letters" in save(owner, "queue", "", id="a b")
    for table, name in (("queue", "night"), ("agent", "1003")):
        version = fields_on(owner, f"/queues/{table}?id={name}")["version"]
        owner.post(
            f"/queues/{table}/remove", {"id": name, "version": version}, page="/queues/queue"
        )
    assert len(stage.site().queue) == 2 and len(stage.site().agent) == 2


def test_what_is_needed_still_is_not_removed(owner: Browser, stage: Stage) -> None:
    version = fields_on(owner, "/queues/queue?id=sales")["version"]
    answer = owner.post(
        "/queues/queue/remove", {"id": "sales", "version": version}, page="/queues/queue"
    )
    assert answer.status_code == 200 and "flow.0.node.sales.queue" in answer.text
    assert len(stage.site().queue) == 2


def test_the_form_tells_which_formula_of_the_service_level_is_which(owner: Browser) -> None:
    text = owner.get("/queues/queue?id=sales").text
    assert text.count("<li><code>") == 6
    assert "<code>A≤T / A</code> answered within T s, of all answered" in text


def test_nobody_overwrites_what_somebody_else_changed(owner: Browser, stage: Stage) -> None:
    sent = {**fields_on(owner, "/queues/queue?id=repair"), "name": "Mine"}
    save(owner, "queue", "sales", name="Theirs")
    answer = owner.post("/queues/queue", sent, page="/queues/queue")
    assert answer.status_code == 200 and "Somebody changed the settings meanwhile" in answer.text
    assert "something is wrong in it" not in answer.text
    assert answer.text.index("Somebody changed") < answer.text.index('class="settings"')
    assert [one.name for one in stage.site().queue] == ["Theirs", ""]


def test_the_year_shows_open_days_holidays_and_make_up_workdays(owner: Browser) -> None:
    text = owner.get("/queues/?year=2026").text
    assert text.count('class="month"') == 12
    assert "<title>2026-10-01: closed</title>" in text and "day holiday" in text
    assert "<title>2026-10-10: 09:00-18:00</title>" in text and "day make_up_workday open" in text
    for year in ("20x6", "99999999", "-1"):
        assert owner.get(f"/queues/?year={year}").status_code == 200


def test_every_key_of_the_site_file_has_a_field_or_stands_in_the_last_one() -> None:
    for table, keys, one in (("queue", QUEUE_KEYS, SALES), ("agent", AGENT_KEYS, LI)):
        known = {field.key.partition(".")[0] for field in fields_of(table)}
        assert known <= set(keys.keys)
        row, wrongs = row_in(table, shown_in(table, whole_row_of(one), row_of(one)), row_of(one))
        assert not wrongs and row["id"] == one.id
        for key in set(keys.keys) - known - {"id", "pin_digest"}:
            row, wrongs = row_in(table, {REST: f'{key} = "x"'}, {"id": "a"})
            assert not wrongs and row[key] == "x"


@pytest.mark.parametrize("address", ["/queues/queue?id=none", "/queues/trunk?id=x"])
def test_what_is_not_there_is_not_found(owner: Browser, address: str) -> None:
    assert owner.get(address).status_code == 404


def test_agents_may_neither_see_nor_change(owner: Browser, stage: Stage) -> None:
    agent = stage.logged_in(AGENT)
    assert agent.get("/queues/queue?id=sales").status_code == 403
    assert agent.post("/queues/queue", {"id": "sales"}, page="/account/").status_code == 403
    assert agent.post("/queues/queue/remove", {"id": "repair"}, page="/account/").status_code == 403
    assert owner.get("/queues/queue?id=sales").status_code == 200
