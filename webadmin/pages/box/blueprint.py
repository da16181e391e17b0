"""The page's blueprint, which its views share, and what they answer alike."""

from collections.abc import Callable

from flask import current_app, flash, redirect, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.wire.privileged import Privileged
from webadmin.access import blueprint_of
from webadmin.languages import mark, say
from webadmin.pages.box.errands import Errand
from webadmin.root import ask_root, is_box

blueprint = blueprint_of("webadmin.pages.box", "box", "/box")

NOT_HERE = mark("That belongs to a box of its own. Here Linghe runs on somebody’s machine.")
REFUSED = mark("Nothing was changed: %(what)s")
_ERRANDS = "linghe.box_errands"


@blueprint.record_once
def _prepare(setup: BlueprintSetupState) -> None:
    setup.app.extensions[_ERRANDS] = {"update": Errand(), "restart": Errand()}


def errand(name: str) -> Errand:
    """Return the app's errand: "update" or "restart"."""
    found = current_app.extensions[_ERRANDS][name]
    if not isinstance(found, Errand):
        raise TypeError("create_app() has made no errands")
    return found


def told(text: str, kind: str = "done") -> Response:
    """Show the page with a sentence at its top."""
    flash(text, kind)
    return redirect(url_for("box.show"))


def asked_of_root(question: Callable[[], Privileged], done: str) -> Response:
    """Ask root; the page says what became of it. `question` may raise RefusedError as well."""
    if not is_box():
        return told(say(NOT_HERE), "fault")
    try:
        ask_root(question())
    except (RefusedError, EquipmentError) as error:
        return told(say(REFUSED, what=str(error)), "fault")
    return told(done)
