"""SSH: off, or on for one key, from the LAN only (sshd(8), AUTHORIZED_KEYS FILE FORMAT)."""

import base64
import binascii
from collections.abc import Callable
from contextlib import suppress

from appliance.daemons.privileged.machine import Machine, remove, write_whole
from appliance.daemons.privileged.network import load_firewall
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.wire.privileged import SetSsh

KINDS = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
LEAST_RSA_BYTES = 384
"""Of the blob: 3,072 bits; shorter ones are no longer good enough."""
MOST_KEY_BYTES = 2048
KEYS_FILE = "authorized_keys"
PORT_FILE = "ssh.nft"
RESTART_S = 25.0
"""Host keys are made within that; and it may all have to be taken back while somebody waits."""
STOP_S = 10.0
END_SESSIONS = ("systemctl", "kill", "--signal=KILL", "session-*.scope")
"""pam_systemd(8) gives each login a scope outside ssh.service; on a box nobody logs in but by SSH.
KILL: a shell may ignore anything less."""
END_S = 5.0


def set_ssh(asked: SetSsh, machine: Machine) -> str:
    """Let this key in, or nobody; who is in is thrown out. Raises RefusedError, EquipmentError."""
    if not asked.key:
        _switch_off(machine)
        return "SSH is off."
    line = checked_key(asked.key)
    try:
        _switch_on(line, machine)
    except EquipmentError:
        # who reads that it failed must not find it on, now or after the next start
        with suppress(EquipmentError):
            _switch_off(machine)
        raise
    return f"SSH is on: root, from the LAN, with this {line.split()[0]} key only."


def _switch_on(line: str, machine: Machine) -> None:
    write_whole(machine.ssh / KEYS_FILE, f"{line}\n", 0o600)
    write_whole(
        machine.settings / PORT_FILE,
        "# Written by linghe-privileged (linghe ssh).\nadd element inet linghe more_ports { 22 }\n",
        0o644,
    )
    load_firewall(machine)
    machine.run(("systemctl", "restart", "ssh.service"), RESTART_S)
    _throw_out(machine)  # who came in by the key before


def _switch_off(machine: Machine) -> None:
    """Do each step, whatever became of those before it; what failed first is raised at the end."""
    steps: tuple[Callable[[Machine], None], ...] = (
        _forget_key, _forget_port, _stop, _throw_out, load_firewall,
    )  # fmt: skip
    failed: list[EquipmentError] = []
    for step in steps:
        try:
            step(machine)
        except EquipmentError as error:
            failed.append(error)
    if failed:
        raise failed[0]


def _forget_key(machine: Machine) -> None:
    remove(machine.ssh / KEYS_FILE)


def _forget_port(machine: Machine) -> None:
    remove(machine.settings / PORT_FILE)


def _throw_out(machine: Machine) -> None:
    machine.run(END_SESSIONS, END_S)


def _stop(machine: Machine) -> None:
    machine.run(("systemctl", "stop", "ssh.service"), STOP_S)


def checked_key(text: str) -> str:
    """Return the key as one line without options or other people's words. Raises RefusedError."""
    words = text.strip().split(" ", 2)
    refused = RefusedError(
        "ssh_key_refused",
        "This is no public key that SSH can use here.",
        "Paste the one line of a file like id_ed25519.pub.",
    )
    if len(text) > 2 * MOST_KEY_BYTES or not text.strip().isprintable() or len(words) < 2:
        raise refused
    kind, encoded = words[0], words[1]
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused from error
    head = len(kind).to_bytes(4, "big") + kind.encode("ascii", "replace")
    is_whole = blob.startswith(head) and len(head) + 4 < len(blob) <= MOST_KEY_BYTES
    if kind not in KINDS or not is_whole:
        raise refused
    if kind == "ssh-rsa" and len(blob) < LEAST_RSA_BYTES:
        raise RefusedError("ssh_key_refused", "This RSA key is too short: 3,072 bits at least.")
    comment = words[2] if len(words) > 2 else ""
    kept = "".join(char for char in comment if char.isalnum() or char in "@._-")[:60]
    return " ".join(part for part in (kind, encoded, kept) if part)
