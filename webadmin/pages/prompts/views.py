"""The owner's recordings: heard, seen where they are said, added, brought back and removed here."""

from functools import partial

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.vocabulary.errors import RefusedError
from webadmin import prompt_desk, sounds
from webadmin.access import blueprint_of, present_visitor
from webadmin.languages import mark, say
from webadmin.pages.prompts.words import WORDS
from webadmin.uploads import LONGEST_FILE, LONGEST_PIECE, piece_told

blueprint = blueprint_of(__name__, "prompts", "/prompts")


@blueprint.get("/")
def show() -> str:
    """Show what there is, and the form for more."""
    return render_template(
        "prompts.html",
        prompts=prompt_desk.prompts(),
        longest=LONGEST_FILE,
        step=LONGEST_PIECE,
        most_of_name=sounds.MOST_OF_NAME,
    )


@blueprint.get("/<prompt>.wav")
def sound(prompt: str) -> Response:
    """Give a recording to the player."""
    return sounds.heard(prompt) or abort(404)


@blueprint.post("/piece")
def piece() -> tuple[Response, int]:
    """Take one part of a file."""
    return piece_told()


@blueprint.post("/add")
def add() -> tuple[Response, int]:
    """Make a prompt of a file that has come."""
    done = mark("Callers hear %(name)s where the site names it.")
    return sounds.added(WORDS, partial(prompt_desk.add, by=present_visitor().name), done)


@blueprint.post("/restore")
def restore() -> AnyResponse:
    """Let callers hear an earlier recording again."""
    name, version = request.form.get("name", ""), request.form.get("version", "")
    if not sounds.is_name(name) or not version.isdecimal():
        abort(400)
    try:
        prompt_desk.restore(name, int(version[:9]), by=present_visitor().name)
    except RefusedError as error:
        flash(WORDS.refusal(error), "fault")
    else:
        flash(say("Callers hear version %(version)s again.", version=version), "done")
    return redirect(url_for("prompts.show"))


@blueprint.post("/remove")
def remove() -> AnyResponse:
    """Remove a prompt."""
    done = mark("%(name)s is removed; calls that heard it keep their proof.")
    sounds.removed(WORDS, partial(prompt_desk.remove, by=present_visitor().name), done)
    return redirect(url_for("prompts.show"))
