"""The app for one gunicorn of the tests: nobody asks too often, and the box has no voice.

A sentence would take it seconds; test_api_prompts has it speak.
"""

import webadmin
from appliance.store.places import Paths
from appliance.vocabulary.errors import RefusedError
from webadmin import prompt_desk, tries
from webadmin.api.door import EXTENSION, Door

PLENTY = 10**9


def _no_voice(*_words):
    raise RefusedError("prompt_unspeakable", "The box has no voice.")


def create_app(at: Paths | None = None):
    """Return the app of LINGHE_DATA without its limits on how often."""
    prompt_desk.speak = _no_voice
    tries.MOST_A_MINUTE = tries.MOST_OF_ADDRESS = PLENTY
    app = webadmin.create_app(at)
    door = app.extensions[EXTENSION]
    assert isinstance(door, Door)
    door.requests.most = door.verbs.most = PLENTY
    return app
