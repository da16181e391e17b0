"""Help at the desk: codes of the phone, what the phone needs, and what was tried with the box."""

from flask import render_template, request

from webadmin.access import blueprint_of
from webadmin.languages import mark, say
from webadmin.pages.help.codes import chapters
from webadmin.pages.help.compatibility import compatibility
from webadmin.stores import site

blueprint = blueprint_of(__name__, "help", "/help")

TRIED_AS = {
    "sipp": mark("as a carrier and as phones, message by message"),
    "baresip": mark("as desk phones"),
    "linphone": mark("as a desk phone"),
    "chromium": mark("as the browser of these pages"),
    "pyVoIP": mark("as the self-test’s own phone"),
}


@blueprint.get("/")
def show() -> str:
    """Show it."""
    return render_template(
        "help.html",
        chapters=chapters(site()),
        tried=compatibility(),
        tried_as={name: say(words) for name, words in TRIED_AS.items()},
        host=request.host.rpartition(":")[0] or request.host,
    )
