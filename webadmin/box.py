"""The running box, as views ask for it: its picture and its time."""

from flask import current_app

from webadmin.live_feed import LiveFeed

EXTENSION = "linghe.live_feed"


def live_feed() -> LiveFeed:
    """Return the app's feed."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, LiveFeed):
        raise TypeError("create_app() has made no live feed")
    return found
