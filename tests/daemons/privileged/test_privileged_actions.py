"""Root's short list on a machine that is a folder: what is written, run and refused."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from root_desk import Desk

from appliance.daemons.privileged.asker import MAY, Asker
from appliance.daemons.privileged.door import answer
from appliance.daemons.privileged.machine import run
from appliance.daemons.privileged.network import RELOAD_NETWORK
from appliance.daemons.privileged.network_cards import DESCRIBE
from appliance.daemons.root_asking import patience
from appliance.vocabulary.errors import EquipmentError
from appliance.wire.privileged import (
    CarriedOut,
    ConfirmNetwork,
    FactoryReset,
    InstallUpdate,
    JudgeStart,
    NotCarriedOut,
    Privileged,
    Restart,
    SetClock,
    SetNetwork,
    SetReach,
    SetSsh,
    SetTimeZone,
    TellState,
)

BLOB = (11).to_bytes(4, "big") + b"ssh-ed25519" + (32).to_bytes(4, "big") + bytes(range(32))
RELOAD_FIREWALL = ("systemctl", "reload", "nftables.service")
KEY = f"ssh-ed25519 {base64.b64encode(BLOB).decode()} ola@shop"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# --- the network ---
def test_a_fixed_address_holds_now_and_after_the_next_start(desk: Desk) -> None:
    asked = SetNetwork(address="192.168.1.10/24", gateway="192.168.1.1", dns=("192.168.1.1",))
    assert isinstance(desk.ask(asked), CarriedOut)
    now = desk.files()["run/systemd/network/10-linghe.network"].decode()
    assert desk.files()["data/network/10-linghe.network"].decode() == now
    for line in ("Address=192.168.1.10/24", "Gateway=192.168.1.1", "DNS=192.168.1.1", "DHCP=no"):
        assert line in now.splitlines()
    assert desk.ran == [DESCRIBE, RELOAD_NETWORK]


def test_back_to_dhcp_nothing_of_the_fixed_address_is_left(desk: Desk) -> None:
    before = desk.files()
    desk.ask(SetNetwork(address="fd00::10/64", gateway="fd00::1"))
    assert isinstance(desk.ask(SetNetwork()), CarriedOut)
    assert desk.files() == before


@pytest.mark.parametrize(
    "asked",
    [
        SetNetwork(address="192.168.1.10"),
        SetNetwork(address="192.168.1.300/24"),
        SetNetwork(address="192.168.1.0/24"),
        SetNetwork(address="192.168.1.255/24"),
        SetNetwork(address="224.0.0.5/24"),
        SetNetwork(address="127.0.0.2/8"),
        SetNetwork(address="10.0.0.1/0"),
        SetNetwork(address="fe80::1%eth0/64"),
        SetNetwork(address="192.168.1.10/24\nDNS=6.6.6.6"),
        SetNetwork(address="192.168.1.10/24", gateway="192.168.2.1"),
        SetNetwork(address="192.168.1.10/24", gateway="192.168.1.10"),
        SetNetwork(address="192.168.1.10/24", gateway="router"),
        SetNetwork(address="192.168.1.10/24", dns=("1.1.1.1\n[Match]",)),
        SetNetwork(address="192.168.1.10/24", dns=("1.1.1.1",) * 5),
        SetNetwork(gateway="192.168.1.1"),
    ],
    ids=str,
)
def test_an_address_that_cannot_work_is_refused_and_nothing_changes(
    desk: Desk, asked: SetNetwork
) -> None:
    assert desk.refusal(asked).key == "network_refused"


def test_networks_and_carriers_that_are_let_in_become_elements_of_the_firewall(desk: Desk) -> None:
    asked = SetReach(lan=("203.0.113.0/24", "2001:db8::/48"), carriers=("198.51.100.7",))
    assert isinstance(desk.ask(asked), CarriedOut)
    assert desk.files()["data/network/reach.nft"].decode().splitlines()[1:] == [
        "add element inet linghe lan4 { 203.0.113.0/24 }",
        "add element inet linghe lan6 { 2001:db8::/48 }",
        "add element inet linghe carriers4 { 198.51.100.7/32 }",
    ]
    assert desk.ran == [RELOAD_FIREWALL]
    desk.ask(SetReach())
    assert "data/network/reach.nft" not in desk.files()


@pytest.mark.parametrize("former", [SetReach(), SetReach(carriers=("198.51.100.7",))], ids=str)
@pytest.mark.parametrize("asked", [SetReach(), SetReach(lan=("203.0.113.0/24",))], ids=str)
def test_who_may_reach_the_box_is_as_before_where_the_firewall_refuses(
    desk: Desk, former: SetReach, asked: SetReach
) -> None:
    desk.ask(former)
    before = desk.files()
    desk.failing["reload"] = "nft refused a file"
    desk.ran.clear()
    assert desk.ask(asked) == NotCarriedOut(key="failed", sentence="nft refused a file")
    assert desk.files() == before
    assert desk.ran == [RELOAD_FIREWALL, RELOAD_FIREWALL]


@pytest.mark.parametrize("network", ["0.0.0.0/0", "10.0.0.1/8", "::/0", "all }", "10.0.0.0/8 }"])
def test_the_whole_world_is_not_let_in(desk: Desk, network: str) -> None:
    assert desk.refusal(SetReach(lan=(network,))).key == "reach_refused"
    assert desk.refusal(SetReach(carriers=(network,) * 65)).key == "reach_refused"


# --- clock ---
def test_the_clock_is_set_by_hand_while_no_time_server_is_asked(desk: Desk) -> None:
    assert isinstance(desk.ask(SetClock(utc=1795341600.0)), CarriedOut)
    assert desk.ran == [
        ("timedatectl", "set-ntp", "false"),
        ("timedatectl", "set-time", "2026-11-22 10:00:00 UTC"),
        ("timedatectl", "set-ntp", "true"),
    ]


def test_a_clock_that_was_years_ahead_is_set_back_and_stays_so(desk: Desk) -> None:
    """timesyncd begins with the date of this file where that is later (systemd-timesyncd(8))."""
    known = desk.machine.last_time
    known.parent.mkdir(parents=True)
    known.touch()
    there: list[bool] = []
    run = desk.machine.run

    def noted(command: Sequence[str], seconds: float) -> str:
        there.append(known.exists())
        return run(command, seconds)

    desk.machine = replace(desk.machine, run=noted)
    assert isinstance(desk.ask(SetClock(utc=1795341600.0)), CarriedOut)
    # not before timesyncd was stopped, which writes it, and not after it was started
    assert there == [True, True, False] and desk.ran[-1][-2:] == ("set-ntp", "true")


def test_time_servers_are_asked_again_even_where_the_clock_could_not_be_set(desk: Desk) -> None:
    desk.failing["set-time"] = "timedatectl: no clock"
    assert desk.ask(SetClock(utc=1795341600.0)) == NotCarriedOut(
        key="failed", sentence="timedatectl: no clock"
    )
    assert desk.ran[-1] == ("timedatectl", "set-ntp", "true")


@pytest.mark.parametrize("utc", [0.0, 1e12, -1.0])
def test_a_time_of_another_age_is_refused(desk: Desk, utc: float) -> None:
    assert desk.refusal(SetClock(utc=utc)).key == "clock_refused"


def test_a_time_zone_lasts(desk: Desk) -> None:
    assert isinstance(desk.ask(SetTimeZone(zone="Europe/Warsaw")), CarriedOut)
    assert desk.files()["data/network/time-zone"] == b"Europe/Warsaw\n"
    assert desk.ran == [("timedatectl", "set-timezone", "Europe/Warsaw")]


@pytest.mark.parametrize("zone", ["", "Europe", "Europe/Krakow", "../../etc/passwd", "/etc/passwd"])
def test_a_time_zone_that_is_none_is_refused(desk: Desk, zone: str) -> None:
    assert desk.refusal(SetTimeZone(zone=zone)).key == "time_zone_refused"


# --- SSH ---
STOP_SSH = ("systemctl", "stop", "ssh.service")
END_SESSIONS = ("systemctl", "kill", "--signal=KILL", "session-*.scope")


def test_ssh_is_on_for_one_key_and_for_the_lan(desk: Desk) -> None:
    assert isinstance(desk.ask(SetSsh(key=f"{KEY}\n")), CarriedOut)
    assert desk.files()["data/ssh/authorized_keys"].decode() == f"{KEY}\n"
    assert (desk.machine.ssh / "authorized_keys").stat().st_mode & 0o777 == 0o600
    assert b"more_ports { 22 }" in desk.files()["data/network/ssh.nft"]
    assert desk.ran[-2:] == [("systemctl", "restart", "ssh.service"), END_SESSIONS]


def test_ssh_is_off_again(desk: Desk) -> None:
    desk.ask(SetSsh(key=KEY))
    desk.ask(SetSsh())
    assert not {"data/ssh/authorized_keys", "data/network/ssh.nft"} & set(desk.files())
    assert desk.ran[-3:] == [STOP_SSH, END_SESSIONS, RELOAD_FIREWALL]


def test_ssh_that_failed_to_come_on_is_off_now_and_after_the_next_start(desk: Desk) -> None:
    before = desk.files()
    for word, words in (("reload", "nft refused a file"), ("restart", "sshd refused its keys")):
        desk.failing = {word: words}
        desk.took = 0.0
        told = desk.ask(SetSsh(key=KEY))
        assert 0 < desk.took < patience(SetSsh(key=KEY))
        assert told == NotCarriedOut(key="failed", sentence=words)
        assert desk.files() == before
        assert desk.ran[-3:] == [STOP_SSH, END_SESSIONS, RELOAD_FIREWALL]


@pytest.mark.parametrize("word", ["reload", "stop", "kill"])
def test_ssh_is_off_though_one_step_of_it_failed_and_that_is_told(desk: Desk, word: str) -> None:
    before = desk.files()
    desk.ask(SetSsh(key=KEY))
    desk.failing[word] = "it would not"
    desk.ran.clear()
    assert desk.ask(SetSsh()) == NotCarriedOut(key="failed", sentence="it would not")
    assert desk.files() == before
    assert desk.ran == [STOP_SSH, END_SESSIONS, RELOAD_FIREWALL]


@pytest.mark.parametrize(
    "key",
    [
        "none",
        f'command="reboot" {KEY}',
        KEY.replace("ssh-ed25519", "ssh-dss", 1),
        KEY.replace("ssh-ed25519", "ssh-rsa", 1),
        f"{KEY}\n{KEY}",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 !!!!",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "ssh-ed25519 " + "A" * 6000,
    ],
)
def test_what_is_no_plain_public_key_lets_nobody_in(desk: Desk, key: str) -> None:
    assert desk.refusal(SetSsh(key=key)).key == "ssh_key_refused"


def test_a_short_rsa_key_is_refused(desk: Desk) -> None:
    blob = (7).to_bytes(4, "big") + b"ssh-rsa" + bytes(280)
    told = desk.refusal(SetSsh(key=f"ssh-rsa {base64.b64encode(blob).decode()}"))
    assert "3,072" in told.sentence


def test_words_behind_a_key_are_cut_to_what_a_name_may_hold(desk: Desk) -> None:
    desk.ask(SetSsh(key=f"{KEY} $(reboot) {'x' * 200}"))
    line = desk.files()["data/ssh/authorized_keys"].decode()
    assert "$" not in line and "(" not in line and len(line.split()[2]) <= 60


# --- the door ---
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"null",
        b'{"command":"Shell","line":"reboot"}',
        b'{"command":"SetClock"}',
        b'{"command":"SetClock","utc":"now"}',
        b'{"command":"Restart","power_off":"yes"}',
        b'{"command":"FactoryReset"}',
        b"[" * 20_000,
        b'{"command":"SetSsh","key":"\xff"}',
    ],
)
def test_what_is_not_on_the_list_is_not_done(desk: Desk, line: bytes) -> None:
    told = answer(line, desk.asker, desk.machine, lambda by, what: None)
    assert isinstance(told, NotCarriedOut) and told.key == "not_understood"
    assert desk.ran == []


EACH = (
    SetNetwork(),
    SetReach(),
    SetClock(utc=1795341600.0),
    SetTimeZone(zone="Europe/Warsaw"),
    InstallUpdate(file="/x.raucb"),
    Restart(),
    FactoryReset(keep_recordings=True),
    SetSsh(key=KEY),
    JudgeStart(is_good=True),
)
QUICK = (ConfirmNetwork(), TellState())
"""Run no program."""


@pytest.mark.parametrize("asked", EACH, ids=lambda asked: type(asked).__name__)
def test_who_asks_waits_for_longer_than_roots_programs_may_take(
    desk: Desk, asked: Privileged
) -> None:
    if isinstance(asked, InstallUpdate):
        asked = InstallUpdate(file=str(desk.machine.updates / "one.raucb"))
        Path(asked.file).write_bytes(b"bundle")
    assert isinstance(desk.ask(asked), CarriedOut)
    assert 0 < desk.took < patience(asked)


@pytest.mark.parametrize("account", ["linghe-jobs", "user 4711", *MAY])
def test_who_was_taken_over_is_root_for_its_own_errand_only(desk: Desk, account: str) -> None:
    desk.asker = Asker(account=account)
    before = desk.files()
    for asked in (*EACH, *QUICK):
        if not isinstance(asked, MAY.get(account, ())):
            told = desk.ask(msgspec.structs.replace(asked, by="root"))
            assert isinstance(told, NotCarriedOut) and told.key == "not_yours"
            assert desk.audited[-1][0] == f"root ({account})"
    assert desk.ran == [] and desk.files() == before
    for wanted in MAY.get(account, ()):
        (asked,) = (one for one in (*EACH, *QUICK) if isinstance(one, wanted))
        told = desk.ask(asked)
        assert isinstance(told, CarriedOut) or told.key != "not_yours"


@pytest.mark.parametrize("forbidden", [SetSsh(key=KEY), FactoryReset(keep_recordings=False),
                                       JudgeStart(is_good=True)], ids=str)  # fmt: skip
def test_who_took_over_the_pages_lets_nobody_in_and_wipes_nothing(
    desk: Desk, forbidden: Privileged
) -> None:
    desk.asker = Asker(account="linghe-web")
    assert desk.refusal(forbidden).key == "not_yours"


def test_every_act_stands_in_the_audit_log_with_who_asked_for_it(desk: Desk) -> None:
    desk.ask(Restart(by="ola\n"))
    desk.ask(SetTimeZone(zone="Nowhere", by="ola"))
    assert [by for by, _ in desk.audited] == ["ola\\n", "ola"]
    assert desk.audited[0][1].startswith("Restart: ") and "no time zone" in desk.audited[1][1]


def test_a_program_that_fails_says_its_last_words_and_one_that_is_missing_what_that_means() -> None:
    with pytest.raises(EquipmentError, match="^ls: .*no-such-file"):
        run(("ls", "/no-such-file"))
    with pytest.raises(EquipmentError, match="no Linghe box"):
        run(("no-such-program-of-rauc",))
    assert run(("echo", "$HOME; `reboot`")) == "$HOME; `reboot`\n"
