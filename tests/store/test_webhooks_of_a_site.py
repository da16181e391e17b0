"""[[webhook]] in a site file, its secret apart, and how far each webhook is."""

from pathlib import Path

import pytest

from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.store.site_file import read_site, write_site
from appliance.store.webhook_tests import KEPT, WebhookWishes
from appliance.store.webhooks import MOST_GIVEN_UP, Attempt, GivenUp, HookState, WebhookStates
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.vocabulary.settings import Site, Webhook

CRM = WebhookId("crm")
SITE = """
[[webhook]]
id = "crm"
url = "https://crm.example:8443/linghe?key=1"
events = ["offered", "ended"]
secret = "a-secret-of-the-receiver"

[[webhook]]
id = "board"
url = "http://[fd00::1]/"
enabled = false
"""


EMPTY = Site()


def _read(text: str, before: Site = EMPTY) -> tuple[Site, dict[WebhookId, str]]:
    site, given = read_site(text, "site.toml", before=before, random_bytes=bytes)
    return site, given.webhook


def test_webhooks_are_read_and_their_secrets_are_not_in_the_site() -> None:
    site, secrets = _read(SITE)
    assert site.webhook == (
        Webhook(id=CRM, url="https://crm.example:8443/linghe?key=1", events=("offered", "ended")),
        Webhook(id=WebhookId("board"), url="http://[fd00::1]/", enabled=False),
    )
    assert secrets == {CRM: "a-secret-of-the-receiver"}


def test_export_gives_the_same_webhooks_without_their_secrets() -> None:
    site, _ = _read(SITE)
    text = write_site(site)
    assert "a-secret" not in text
    assert _read(text, site)[0] == site


@pytest.mark.parametrize(
    "line",
    [
        'url = "ftp://crm.example/"',
        'url = "http://user:word@crm.example/"',
        'url = "http://crm.example/#part"',
        'url = "http:///hook"',
        'url = "http://crm.example/a b"',
        'url = "javascript:alert(1)"',
        'url = "http://crm.example:99999/"',
        'url = "http://crm.example:0/"',
        'url = "http://[:::]/"',
        'url = "http://crm.example/"\nevents = ["weather"]',
        'url = "http://crm.example/"\nsecret = "short"',
    ],
)
def test_wrong_webhook_is_told_with_its_line(line: str) -> None:
    with pytest.raises(SiteError) as wrong:
        _read(f'[[webhook]]\nid = "crm"\n{line}\n')
    (fault,) = wrong.value.faults
    assert fault.line is not None and fault.key.startswith("webhook[crm].")
    assert "short" not in fault.expected


def test_two_webhooks_of_one_name_are_refused() -> None:
    with pytest.raises(SiteError, match="a second time"):
        _read('[[webhook]]\nid = "a"\nurl = "http://b/"\n' * 2)


def test_secrets_of_webhooks_are_kept_beside_those_of_trunks(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "secrets.json", bytes)
    secrets.set_trunk_secrets({"carrier": "x"})
    secrets.set_webhook_secrets({CRM: "y"})
    assert secrets.webhook_secrets() == {CRM: "y"} and secrets.trunk_secrets() == {"carrier": "x"}
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


# --- how far ----------------------------------------------------------------------------------
def test_state_is_as_it_was_put_and_gone_when_forgotten(tmp_path: Path) -> None:
    states = WebhookStates(tmp_path / "webhooks.db", is_writer=True)
    failed = Attempt(at=Utc(5.0), status=500, error="answered 500")
    state = HookState(
        webhook=CRM,
        row=7,
        failing_since=Utc(4.0),
        attempts=2,
        next_try=Utc(9.0),
        last=failed,
        delivered=3,
        given_up=1,
    )
    states.put(state)
    reader = WebhookStates(tmp_path / "webhooks.db", is_writer=False)
    assert reader.state(CRM) == state and reader.known() == [CRM]
    states.forget(CRM)
    assert reader.state(CRM) is None
    reader.close()
    states.close()


def test_what_was_given_up_is_bounded(tmp_path: Path) -> None:
    states = WebhookStates(tmp_path / "webhooks.db", is_writer=True)
    for row in range(MOST_GIVEN_UP + 5):
        event = GivenUp(row=row, name="ended", at=Utc(1.0), error="", body="{}")
        states.give_up(CRM, event)
    kept = states.given_up(CRM, 10_000)
    assert len(kept) == MOST_GIVEN_UP and kept[0].row == MOST_GIVEN_UP + 4
    states.close()


def test_age_of_a_row_is_known_by_marks_and_a_clock_set_back_forgets_the_future(
    tmp_path: Path,
) -> None:
    states = WebhookStates(tmp_path / "webhooks.db", is_writer=True)
    assert states.row_at(Utc(100.0)) == 0
    for at, row in ((100.0, 10), (200.0, 20), (300.0, 30)):
        states.mark(Utc(at), row)
    assert [states.row_at(Utc(at)) for at in (99.0, 100.0, 250.0, 999.0)] == [0, 10, 20, 30]
    states.mark(Utc(150.0), 31)
    assert states.row_at(Utc(999.0)) == 31
    states.close()


def test_page_reads_before_anything_was_written(tmp_path: Path) -> None:
    states = WebhookStates(tmp_path / "webhooks.db", is_writer=False)
    assert states.state(CRM) is None and states.last_test() is None and states.known() == []
    assert not (tmp_path / "webhooks.db").exists()


def test_wishes_for_tests_are_numbered_for_ever_and_few_are_kept(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.db")
    wishes: WebhookWishes = store.webhook_wishes
    numbers = [wishes.add(CRM, Utc(1.0)) for _ in range(KEPT + 3)]
    assert numbers == list(range(1, KEPT + 4))
    assert [one.number for one in wishes.after(0)] == numbers[3:]
    assert [one.number for one in wishes.after(numbers[-2])] == numbers[-1:]
    store.close()
