"""The site file: read, refused with every fault at its line, written, and read the same again."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from appliance.engines.calls.numbering import PLANS
from appliance.store.site_file import SecretsGiven, ha1, read_site, write_site
from appliance.store.site_keys import SITE
from appliance.store.site_kinds import ListOf, Table
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.ids import (
    AgentId,
    CalendarId,
    ExtensionNumber,
    FlowId,
    NodeName,
    QueueId,
    TrunkId,
)
from appliance.vocabulary.pins import pin_digest, pin_matches
from appliance.vocabulary.settings import (
    Agent,
    Calendar,
    Country,
    Extension,
    Flow,
    Language,
    OpenHours,
    Outbound,
    Overflow,
    Queue,
    Route,
    ServiceLevel,
    Site,
    SiteFacts,
    Trunk,
)

EXAMPLE = Path(__file__).parents[3] / "shared" / "examples" / "site.toml"

SMALL = """\
[site]
name = "Example"
language = "en"
timezone = "Europe/London"
country = "gb"

[[extension]]
number = "201"
secret = "correct horse"

[[extension]]
number = "202"

[[agent]]
id = "7"
extension = "201"
pin = "4711"

[[queue]]
id = "help"
agents = ["7"]

[[trunk]]
id = "carrier"
host = "127.0.0.1"
secret = "trunk password"

[[flow]]
id = "main"
start = "help"

[flow.node.help]
kind = "queue"
queue = "help"

[[route]]
trunk = "carrier"
number = "*"
flow = "main"
"""


EMPTY = Site()


def read(text: str, before: Site = EMPTY, seed: int = 1) -> tuple[Site, SecretsGiven]:
    return read_site(text, "s.toml", before=before, random_bytes=random.Random(seed).randbytes)


def faults(text: str) -> list[str]:
    with pytest.raises(SiteError) as refusal:
        read(text)
    return [str(fault) for fault in refusal.value.faults]


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def test_a_site_is_read_and_its_secrets_become_digests() -> None:
    site, given_secrets = read(SMALL)
    assert site.site == SiteFacts(
        name="Example", language=Language.EN, timezone="Europe/London", country=Country.GB
    )
    phone = site.extension[0]
    assert (phone.ha1_md5, phone.ha1_sha256) == ha1("201", "correct horse")
    assert pin_matches("4711", site.agent[0].pin_digest)
    assert given_secrets.trunk == {"carrier": "trunk password"}
    assert "horse" not in str(site) and "trunk password" not in str(site)


def test_digests_are_those_that_a_phone_computes() -> None:
    # echo -n 8001:linghe:a-long-secret-8001 | md5sum
    assert ha1("8001", "a-long-secret-8001")[0] == "07aeea82c6c06258fe363069320bdacf"


def test_a_secret_left_out_is_made_by_the_box_and_told_once() -> None:
    site, told = read(SMALL)
    assert len(told.made[ExtensionNumber("202")]) == 32
    assert site.extension[1].ha1_md5 == ha1("202", told.made[ExtensionNumber("202")])[0]
    again, told_again = read(SMALL, before=site, seed=2)
    assert told_again.made == {}
    assert again == site


def test_the_same_file_gives_the_same_site_though_salts_are_random() -> None:
    site, _ = read(SMALL, seed=1)
    assert read(SMALL, before=site, seed=2)[0] == site
    other, _ = read(changed('pin = "4711"', 'pin = "4712"'), before=site, seed=2)
    assert other.agent[0].pin_digest != site.agent[0].pin_digest
    assert other.extension == site.extension


def test_every_fault_is_told_at_once_with_its_line() -> None:
    text = (
        SMALL.replace('language = "en"', 'language = "de"')
        .replace('pin = "4711"', 'pin = "12"')
        .replace('host = "127.0.0.1"', "port = 70000")
    )
    assert faults(text) == [
        's.toml:3: site.language: expected one of zh, en, pl, found "de"',
        "s.toml:17: agent[7].pin: expected 3 to 8 digits, found something else",
        "s.toml:25: trunk[carrier].port: expected a whole number from 1 to 65535, found 70000",
        "s.toml:23: trunk[carrier]: host is missing",
    ]


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    assert faults(changed('agents = ["7"]', 'agents = ["7"]\nring_second = 20')) == [
        "s.toml:22: queue[help].ring_second: unknown name; did you mean ring_seconds?"
    ]


def test_what_is_not_toml_is_told_with_its_line() -> None:
    assert faults('[site]\nname = "a\n')[0].startswith("s.toml:2: toml: this is not TOML: ")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('extension = "201"', 'extension = "209"', "s.toml:16: agent[7].extension: expected the"),
        ('agents = ["7"]', 'agents = ["7", "8"]', "s.toml:21: queue[help].agents[2]: expected the"),
        (
            'agents = ["7"]',
            'agents = ["7"]\nstrategy = "best"',
            "s.toml:22: queue[help].strategy: expected one of longest-idle, round-robin, "
            "fixed-order, fewest-calls, least-talk, ring-all, random, weighted, skills, "
            'last-agent, vip, found "best"',
        ),
        (
            'agents = ["7"]',
            'agents = ["7"]\noverflow = { to = "queue", queue = "help" }',
            "s.toml:22: queue[help].overflow.queue: expected the name of another queue",
        ),
        (
            'agents = ["7"]',
            'agents = ["7"]\noverflow = { to = "voicemail" }',
            's.toml:22: queue[help].overflow: to = "voicemail" needs box = …',
        ),
        ('number = "202"', 'number = "201"', "s.toml:12: extension[201].number: 201 stands here"),
        (
            'flow = "main"',
            'flow = "night"',
            "s.toml:39: route[*].flow: expected the name of a flow",
        ),
        (
            '"Europe/London"',
            '"Europe/Londn"',
            's.toml:4: site.timezone: expected a time zone as "Asia/Shanghai", found',
        ),
        (
            'secret = "trunk password"',
            "register = true",
            "s.toml:26: trunk[carrier].register: a trunk that registers needs username = …",
        ),
        (
            'pin = "4711"',
            'pin = "4711"\npin_digest = "scrypt:' + 32 * "0" + ":" + 64 * "0" + '"',
            "s.toml:18: agent[7].pin_digest: expected either pin or pin_digest",
        ),
        (
            'pin = "4711"',
            'signed_in = true\n[[agent]]\nid = "8"\nextension = "201"\nsigned_in = true',
            "s.toml:21: agent[8].signed_in: agent 7 starts signed in at 201 already",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(old: str, new: str, fault: str) -> None:
    found = faults(changed(old, new))
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_a_fault_of_a_flow_stands_at_its_node() -> None:
    found = faults(changed('queue = "help"', 'queue = "sales"'))
    assert len(found) == 1
    assert found[0].startswith("s.toml:34: flow[main].node.help.queue: ")


def test_a_secret_is_never_shown_in_a_fault() -> None:
    assert "hunter2" not in "".join(faults(changed('"correct horse"', '"hunter2"')))


@pytest.mark.skipif(not EXAMPLE.exists(), reason="the examples are not on this machine")
def test_the_published_example_is_read_and_gives_the_same_site_when_written_and_read() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    site, _ = read(text)
    assert site.queue[0].agents == ("1001", "1002")
    assert site.calendar[0].open == (OpenHours(days="mon-fri", from_="09:00", to="18:00"),)
    assert read(text, before=site, seed=9)[0] == site
    assert read(write_site(site))[0] == site


# --- property: read(write(site)) == site --------------------------------------------------------
labels = st.text(max_size=20).filter(str.isprintable)
words = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}", fullmatch=True)
seconds = st.one_of(
    st.integers(3, 300).map(float), st.floats(3, 300, allow_nan=False, allow_infinity=False)
)
EMERGENCY = {number for plan in PLANS.values() for number in plan.emergency}
digits = st.text("0123456789", min_size=2, max_size=8).filter(lambda one: one not in EMERGENCY)
classes = st.lists(st.sampled_from(["local", "national", "international"]), unique=True).map(tuple)
salts = st.binary(min_size=16, max_size=16)


@st.composite
def sites(draw: st.DrawFn) -> Site:
    numbers = draw(st.lists(digits, unique=True, max_size=3))
    agent_ids = draw(st.lists(digits, unique=True, max_size=3))
    queue_ids = draw(st.lists(words, unique=True, min_size=1, max_size=2))
    trunk_ids = draw(st.lists(words, unique=True, max_size=2))
    has_flow = draw(st.booleans())
    return Site(
        site=SiteFacts(
            name=draw(labels),
            language=draw(st.sampled_from(Language)),
            timezone=draw(st.sampled_from(["Asia/Shanghai", "Europe/Warsaw", "UTC"])),
            country=draw(st.sampled_from(Country)),
        ),
        extension=tuple(
            Extension(
                number=ExtensionNumber(number),
                name=draw(labels),
                ha1_md5=ha1(number, "x")[0],
                ha1_sha256=draw(st.sampled_from(["", ha1(number, "x")[1]])),
                language=draw(st.one_of(st.none(), st.sampled_from(Language))),
                may_dial=draw(classes),
            )
            for number in numbers
        ),
        agent=tuple(
            Agent(
                id=AgentId(agent),
                name=draw(labels),
                extension=ExtensionNumber(draw(st.sampled_from(numbers))) if numbers else None,
                pin_digest=draw(st.sampled_from(["", DIGEST])),
                skills=draw(st.dictionaries(words, st.integers(0, 100), max_size=2)),
            )
            for agent in agent_ids
        ),
        queue=tuple(
            Queue(
                id=QueueId(queue),
                name=draw(labels),
                agents=tuple(AgentId(one) for one in agent_ids),
                strategy=draw(st.sampled_from(["longest-idle", "fixed-order"])),
                ring_seconds=draw(seconds),
                max_waiting=draw(st.integers(0, 500)),
                overflow=draw(st.sampled_from([Overflow(), Overflow(to="voicemail", box="b")])),
                service_level=ServiceLevel(seconds=draw(seconds), variant=draw(st.integers(1, 6))),
                record=draw(st.booleans()),
            )
            for queue in queue_ids
        ),
        trunk=tuple(
            Trunk(
                id=TrunkId(trunk),
                host=draw(st.sampled_from(["127.0.0.1", "sip.example.net", "[::1]"])),
                port=draw(st.integers(1, 65535)),
                transport=draw(st.sampled_from(["udp", "tcp"])),
                register=True,
                username=draw(labels.filter(bool)),
                codecs=draw(st.sampled_from([(Codec.PCMU,), (Codec.PCMA, Codec.PCMU)])),
                trusted_addresses=draw(st.sampled_from([(), ("127.0.0.1", "::1", "10.0.0.0/8")])),
            )
            for trunk in trunk_ids
        ),
        flow=(
            (
                Flow(
                    id=FlowId("main"),
                    start=NodeName("销售"),
                    node={NodeName("销售"): {"kind": "queue", "queue": queue_ids[0]}},
                ),
            )
            if has_flow
            else ()
        ),
        calendar=(
            Calendar(
                id=CalendarId("office"),
                open=(OpenHours(days="mon-fri", from_="22:00", to="06:00"),),
                holidays=draw(st.sampled_from(["", "cn"])),
                closed_dates=draw(st.sampled_from([(), ("2026-12-24",)])),
            ),
        ),
        route=tuple(
            Route(trunk=TrunkId(trunk), number="*", flow=FlowId("main"))
            for trunk in trunk_ids
            if has_flow
        ),
        outbound=(
            Outbound(
                prefix=draw(st.text("0123456789", max_size=3)),
                trunks=tuple(TrunkId(one) for one in trunk_ids),
                allow=draw(classes),
            ),
        ),
    )


DIGEST = pin_digest("4711", b"sixteen bytes ok")


@settings(max_examples=150)
@given(sites())
def test_a_site_that_is_written_and_read_is_the_same_site(site: Site) -> None:
    assert read(write_site(site))[0] == site


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_any_text_is_a_site_or_faults(text: str) -> None:
    try:
        read(text)
    except SiteError as refusal:
        assert refusal.faults


@settings(max_examples=200)
@given(st.data())
def test_any_value_in_any_place_is_a_site_or_faults_with_lines(data: st.DataObject) -> None:
    lines = SMALL.splitlines()
    place = data.draw(st.sampled_from([n for n, line in enumerate(lines) if " = " in line]))
    value = data.draw(
        st.sampled_from(["1", "-1", "1e99", "nan", "[]", "[[]]", "{}", '""', "true", "1979-05-27"])
    )
    lines[place] = lines[place].split(" = ")[0] + " = " + value
    try:
        read("\n".join(lines))
    except SiteError as refusal:
        assert all(fault.line is not None for fault in refusal.faults)


@pytest.mark.parametrize("table", ["extension", "agent", "queue", "trunk", "flow", "calendar"])
def test_every_setting_has_its_name_in_the_file(table: str) -> None:
    kind = SITE.keys[table]
    assert isinstance(kind, ListOf) and isinstance(kind.each, Table)
    row = next(field for field in fields(Site) if field.name == table).type
    assert {field.name for field in fields(row.__args__[0])} <= set(kind.each.keys)


def test_a_closed_date_may_be_one_of_every_year() -> None:
    text = '[[calendar]]\nid = "a"\nclosed_dates = ["12-24", "02-29", "2026-12-31"]\n'
    site, _ = read_site(text, "s.toml", before=Site(), random_bytes=bytes)
    assert site.calendar[0].closed_dates == ("12-24", "02-29", "2026-12-31")
    with pytest.raises(SiteError, match="or 10-01 for every year"):
        read_site(text.replace("02-29", "02-30"), "s.toml", before=Site(), random_bytes=bytes)
