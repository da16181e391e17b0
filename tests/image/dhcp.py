"""The shop's router, as far as a box asks it: one lease by DHCP (RFC 2131), always the same.

It names itself as time server (RFC 2132, section 8.3), which is there when a step opens it
(time_server.py).
"""

import socket
import struct
import threading

from machine import BOX, HERE, TAP

_COOKIE = b"\x63\x82\x53\x63"
_OFFER, _ACK = 2, 5
_ANSWERS = {1: _OFFER, 3: _ACK}
"""To DISCOVER and REQUEST."""


def _options(packet):
    at, found = 240, {}
    while at < len(packet) and packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        size = packet[at + 1]
        found[packet[at]] = packet[at + 2 : at + 2 + size]
        at += 2 + size
    return found


def answer(packet):
    """Return what to send back; nothing for what is no question."""
    if len(packet) < 240 or packet[0] != 1 or packet[236:240] != _COOKIE:
        return None
    kind = _options(packet).get(53, b"\0")[0]
    if kind not in _ANSWERS:
        return None
    here = socket.inet_aton(HERE)
    head = struct.pack("!BBBB4sHH", 2, 1, 6, 0, packet[4:8], 0, 0x8000)
    addresses = bytes(4) + socket.inet_aton(BOX) + here + bytes(4)
    options = bytes([53, 1, _ANSWERS[kind], 54, 4]) + here
    options += bytes([51, 4]) + struct.pack("!I", 86400)
    options += bytes([1, 4, 255, 255, 255, 0, 3, 4]) + here + bytes([42, 4]) + here + bytes([255])
    return head + addresses + packet[28:44] + bytes(192) + _COOKIE + options


def serve():
    """Answer on the tap until this process ends."""
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, TAP.encode() + b"\0")
    door.bind(("", 67))

    def turn():
        while True:
            told = answer(door.recv(2048))
            if told is not None:
                door.sendto(told, ("255.255.255.255", 68))

    threading.Thread(target=turn, daemon=True).start()
