"""The running box, as views ask for it: its picture, its time, and one question at a time."""

import socket

from flask import current_app

from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl, ToControl
from webadmin.live_feed import LiveFeed
from webadmin.stores import places

EXTENSION = "linghe.live_feed"


def live_feed() -> LiveFeed:
    """Return the app's feed."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, LiveFeed):
        raise TypeError("create_app() has made no live feed")
    return found


def ask(question: ToControl, seconds: float) -> FromControl | None:
    """Return control's answer, None when it hung up. Raises OSError (also after so many seconds
    of silence) and PeerError."""
    decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(seconds)
        link.connect(str(places().control_socket))
        link.sendall(line_of(question))
        while chunk := link.recv(1 << 16):
            for answer in decoder.feed(chunk):
                return answer
    return None
