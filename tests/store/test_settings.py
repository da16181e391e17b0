"""Stories of the settings: versions, people, the claim, the audit log, the secrets file."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from golden_day import SITE
from msgspec.structs import replace

from appliance.store.audit import AuditLine
from appliance.store.people import Role, User
from appliance.store.schema import Family
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.store.settings_tables import SETTINGS
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import AgentId, FlowId, NodeName, TrunkId, Utc
from appliance.vocabulary.settings import Flow, Site

NOW = Utc(1_763_600_400.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.db"


@pytest.fixture
def store(path: Path) -> SettingsStore:
    return SettingsStore(path)


def test_a_new_box_has_no_site(store: SettingsStore) -> None:
    assert store.current() == Site()
    assert store.current().is_empty


def test_each_change_is_a_version_and_the_same_site_again_is_none(
    store: SettingsStore, path: Path
) -> None:
    first = store.save(SITE, by="owner", at=NOW)
    assert first.version == 1
    again = store.save(replace(first, version=77), by="owner", at=Utc(NOW + 5))
    assert again == first
    renamed = replace(SITE, site=replace(SITE.site, name="新名"))
    second = store.save(renamed, by="command line", at=Utc(NOW + 9))
    assert second.version == 2 and store.current() == second
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT version, by FROM sites ORDER BY version").fetchall()
    assert kept == [(1, "owner"), (2, "command line")]
    back = store.save(first, by="owner", at=Utc(NOW + 20))
    assert back.version == 3
    assert replace(back, version=1) == first


def test_a_site_with_a_flow_comes_back_as_it_was(store: SettingsStore, path: Path) -> None:
    node: dict[str, object] = {"kind": "menu", "keys": {"1": "sales"}, "timeout_seconds": 2.5}
    flow = Flow(id=FlowId("main"), start=NodeName("menu"), node={NodeName("menu"): node})
    saved = store.save(replace(SITE, flow=(flow,)), by="owner", at=NOW)
    assert SettingsStore(path).current() == saved


def test_two_processes_see_each_others_versions(store: SettingsStore, path: Path) -> None:
    other = SettingsStore(path)
    store.save(SITE, by="owner", at=NOW)
    assert other.current().version == 1
    other.save(replace(SITE, queue=()), by="owner", at=NOW)
    assert store.current().queue == ()


def test_settings_of_a_newer_linghe_are_refused(store: SettingsStore, path: Path) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('linghe.settings', 'from_the_future', '')"
        )
    connection.close()
    with pytest.raises(RefusedError) as refused:
        SettingsStore(path)
    assert refused.value.key == "database_newer"


def test_the_records_of_sqlite_utils_are_taken_for_ones_own(path: Path) -> None:
    """It laid them in files of before; this is what it wrote (4.2.1)."""
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE "_sqlite_migrations" (
               "id" INTEGER PRIMARY KEY,
               "migration_set" TEXT,
               "name" TEXT,
               "applied_at" TEXT
            );
            CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
                ON "_sqlite_migrations" ("migration_set", "name");
            """
        )
        first, *_ = SETTINGS.names
        SETTINGS._steps[0](connection)
        connection.execute(
            "INSERT INTO _sqlite_migrations VALUES"
            " (1, 'linghe.settings', ?, '2026-11-20 08:00:00.000000+00:00')",
            (first,),
        )
    connection.close()
    SettingsStore(path).save(SITE, by="owner", at=NOW)
    with sqlite3.connect(path) as connection:
        assert SETTINGS.applied(connection) == SETTINGS.names
    connection.close()


def test_a_second_step_of_a_name_is_refused() -> None:
    family = Family("linghe.twice")
    family.step(lambda db: None)
    with pytest.raises(ValueError, match="already"):
        family.step(lambda db: None)


def test_a_file_that_is_no_database_is_an_equipment_error(path: Path) -> None:
    path.write_bytes(b"this is a letter, not a database. " * 100)
    with pytest.raises(EquipmentError):
        SettingsStore(path)


OWNER = User(name="Wang", role=Role.OWNER, password_hash="$argon2id$x", login_stamp="1")


def test_people_are_found_whatever_the_case_and_replaced_by_name(store: SettingsStore) -> None:
    store.people.put(OWNER)
    store.people.put(
        User(name="li", role=Role.AGENT, password_hash="$argon2id$y", agent=AgentId("1002"))
    )
    assert store.people.user("WANG") == OWNER
    assert [user.name for user in store.people.users()] == ["li", "Wang"]
    store.people.put(replace(OWNER, name="wang", login_stamp="2"))
    assert len(store.people.users()) == 2
    found = store.people.user("Wang")
    assert found is not None and found.login_stamp == "2"
    assert store.people.user("' OR 1=1 --") is None


def test_the_last_owner_can_neither_go_nor_be_demoted(store: SettingsStore) -> None:
    store.people.put(OWNER)
    with pytest.raises(RefusedError, match="last owner"):
        store.people.remove("wang")
    with pytest.raises(RefusedError):
        store.people.put(replace(OWNER, role=Role.AGENT))
    store.people.put(replace(OWNER, name="Zhang"))
    store.people.remove("WANG")
    assert [user.name for user in store.people.users()] == ["Zhang"]
    store.people.remove("nobody")


def test_a_code_claims_the_box_once(store: SettingsStore, path: Path) -> None:
    assert store.claim.code_hash() is None and not store.people.has_owner()
    with pytest.raises(RefusedError):
        store.claim.take(OWNER)
    store.claim.offer("hash-1", NOW)
    store.claim.offer("hash-2", NOW)
    assert SettingsStore(path).claim.code_hash() == "hash-2"
    store.claim.take(OWNER)
    assert store.people.has_owner() and store.claim.code_hash() is None
    with pytest.raises(RefusedError) as refused:
        SettingsStore(path).claim.take(replace(OWNER, name="thief"))
    assert refused.value.key == "claimed"
    assert [user.name for user in store.people.users()] == ["Wang"]


def test_a_code_offered_on_an_owned_box_makes_no_second_owner(store: SettingsStore) -> None:
    store.people.put(OWNER)
    store.claim.offer("hash", NOW)
    with pytest.raises(RefusedError):
        store.claim.take(replace(OWNER, name="thief"))
    assert store.claim.code_hash() == "hash"


def test_the_audit_log_only_grows(store: SettingsStore, path: Path) -> None:
    for number in range(5):
        store.audit.note(
            AuditLine(at=Utc(NOW + number), by="Wang", what="login", where="192.0.2.7")
        )
    latest = store.audit.latest(3)
    assert [line.at - NOW for line in latest] == [4, 3, 2]
    assert latest[0].where == "192.0.2.7"
    connection = sqlite3.connect(path)
    for sql in ("DELETE FROM audit", "UPDATE audit SET by = 'nobody'"):
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            connection.execute(sql)
    assert len(store.audit.latest()) == 5


class Dice:
    """Random bytes that can be told apart."""

    def __init__(self) -> None:
        self.thrown = 0

    def __call__(self, count: int) -> bytes:
        self.thrown += 1
        return bytes([self.thrown]) * count


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    path, dice = tmp_path / "secrets.json", Dice()
    secrets = Secrets(path, dice)
    assert not path.exists()
    assert secrets.box_key() == b"\x01" * 32
    assert secrets.web_key() == b"\x02" * 32
    assert Secrets(path, dice).box_key() == b"\x01" * 32
    assert dice.thrown == 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_bytes())["box_key"] == "01" * 32


def test_trunk_passwords_are_kept_beside_the_keys(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = Secrets(path, Dice())
    secrets.box_key()
    secrets.set_trunk_secrets({TrunkId("carrier"): "hush"})
    written = path.stat().st_ino
    secrets.set_trunk_secrets({TrunkId("carrier"): "hush"})
    assert path.stat().st_ino == written
    assert secrets.trunk_secrets() == {TrunkId("carrier"): "hush"}
    assert secrets.box_key() == b"\x01" * 32
    assert "hush" not in repr(secrets)
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


def test_a_damaged_secrets_file_is_told_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"trunks": ["half')
    with pytest.raises(EquipmentError, match="damaged"):
        Secrets(path, Dice()).box_key()
    assert path.read_text() == '{"trunks": ["half'


def test_what_was_left_of_a_cut_write_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "secrets.json.new").write_text("{")
    secrets = Secrets(tmp_path / "secrets.json", Dice())
    secrets.set_trunk_secrets({TrunkId("a"): "b"})
    assert secrets.trunk_secrets() == {"a": "b"}
