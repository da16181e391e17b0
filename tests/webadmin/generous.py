"""The app for one gunicorn of the tests: nobody asks too often."""

import webadmin
from appliance.store.places import Paths
from webadmin import tries
from webadmin.api.door import EXTENSION, Door

PLENTY = 10**9


def create_app(at: Paths | None = None):
    """Return the app of LINGHE_DATA without its limits on how often."""
    tries.MOST_A_MINUTE = tries.MOST_OF_ADDRESS = PLENTY
    app = webadmin.create_app(at)
    door = app.extensions[EXTENSION]
    assert isinstance(door, Door)
    door.requests.most = door.verbs.most = PLENTY
    return app
