"""The sockets that outlive every process of the box: made once, handed to who wants them."""

import errno
import ipaddress
import os
import socket
from collections.abc import Callable

from appliance.daemons.paths import Environment
from appliance.vocabulary.errors import EquipmentError

RECEIVE_BUFFER = 4 << 20
"""Bytes: what the signalling socket can hold while control restarts (some 5,000 messages)."""
BACKLOG = 512
LONGEST_PATH = 107
"""Bytes of a Unix socket's address (unix(7))."""

SO_RCVBUFFORCE = 33
"""socket(7): beyond net.core.rmem_max, for those who may. Python has no name for it."""


def listening_sockets(environment: Environment, *, workers: int) -> dict[str, socket.socket]:
    """Make all of them. Raises EquipmentError with a sentence that says what to do."""
    bind, paths = environment.bind, environment.paths
    made: dict[str, socket.socket] = {}
    try:
        made["sip-udp"] = _inet(
            bind, environment.sip_port, socket.SOCK_DGRAM, "SIP (UDP)", "LINGHE_SIP_PORT"
        )
        made["sip-tcp"] = _inet(
            bind, environment.sip_port, socket.SOCK_STREAM, "SIP (TCP)", "LINGHE_SIP_PORT"
        )
        made["sip-tls"] = _inet(
            bind, environment.sips_port, socket.SOCK_STREAM, "SIP (TLS)", "LINGHE_SIPS_PORT"
        )
        made["http"] = _inet(
            bind, environment.http_port, socket.SOCK_STREAM, "the web pages", "LINGHE_HTTP_PORT"
        )
        made["control"] = _unix(os.fspath(paths.control_socket))
        for worker in range(workers):
            made[f"media-{worker}"] = _unix(os.fspath(paths.media_socket(worker)))
    except EquipmentError:
        for opened in made.values():
            opened.close()
        raise
    return made


def _inet(bind: str, port: int, kind: socket.SocketKind, use: str, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    made = socket.socket(family, kind)
    try:
        if family is socket.AF_INET6:
            # `::` means IPv4 too, whatever net.ipv6.bindv6only says.
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, False)
        if kind is socket.SOCK_STREAM:
            # Connections of the last run that linger in TIME-WAIT are no reason to refuse.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            _widen(made)
        made.bind((bind, port))
        if kind is socket.SOCK_STREAM:
            made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise EquipmentError(_sentence(error, bind, port, use, setting)) from error
    made.setblocking(False)
    return made


def _widen(made: socket.socket) -> None:
    try:
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
    except OSError:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)


def _sentence(error: OSError, bind: str, port: int, use: str, setting: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} at {bind} is taken by another program, but the box needs it for {use}. "
            f"Stop that program, or choose another port with {setting}."
        )
    if error.errno == errno.EACCES:
        return (
            f"Port {port} for {use} may only be opened by root. "
            f"Choose one above 1023 with {setting}."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"LINGHE_BIND: {bind} is not an address of this machine."
    return f"Port {port} at {bind} for {use} cannot be opened: {error.strerror or error}."


def _unix(path: str) -> socket.socket:
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise EquipmentError(
            f"The path {path} is too long for a socket ({LONGEST_PATH} bytes at most). "
            "Choose a shorter LINGHE_DATA."
        )
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Left by a supervisor that was killed; the lock says that none is alive now.
        if os.path.lexists(path):
            os.unlink(path)
        made.bind(path)
        os.chmod(path, 0o600)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise EquipmentError(f"The socket {path} cannot be made: {error.strerror}.") from error
    made.setblocking(False)
    return made


def page_addresses(bind: str, port: int, interfaces: Callable[[], list[str]]) -> list[str]:
    """Return the addresses under which a browser finds the administration page."""
    try:
        is_any = ipaddress.ip_address(bind).is_unspecified
    except ValueError:
        is_any = False
    hosts = interfaces() if is_any else [bind]
    return [f"http://{f'[{host}]' if ':' in host else host}:{port}/" for host in hosts]
