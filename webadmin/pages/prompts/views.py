"""The owner's recordings: heard, seen where they are said, added, brought back and removed here."""

from functools import partial

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.settings import Language
from webadmin import prompt_desk, sounds
from webadmin.access import blueprint_of, present_visitor
from webadmin.languages import OWN_NAMES, mark, say
from webadmin.pages.prompts.words import WORDS
from webadmin.stores import site
from webadmin.uploads import LONGEST_FILE, LONGEST_PIECE, fault_told, piece_told

blueprint = blueprint_of(__name__, "prompts", "/prompts")
_ADDED = mark("Callers hear %(name)s where the site names it.")


@blueprint.get("/")
def show() -> str:
    """Show what there is, and the form for more."""
    return render_template(
        "prompts.html",
        prompts=prompt_desk.prompts(),
        longest=LONGEST_FILE,
        step=LONGEST_PIECE,
        most_of_name=sounds.MOST_OF_NAME,
        most_of_text=prompt_desk.LONGEST_TEXT,
        languages=OWN_NAMES,
        language=site().site.language,
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
    return sounds.added(WORDS, partial(prompt_desk.add, by=present_visitor().name), _ADDED)


@blueprint.post("/speak")
def speak() -> tuple[Response, int]:
    """Make a prompt of a typed text, which the box speaks; said in JSON, since a script asks."""
    name, text = request.form.get("name", "").strip(), request.form.get("text", "").strip()
    language = request.form.get("language", "")
    if language not in set(Language):
        abort(400)
    if not sounds.is_name(name):
        return fault_told(WORDS.bad_name(), WORDS.key("name"))
    if not 0 < len(text) <= prompt_desk.LONGEST_TEXT:
        return fault_told(
            say("A text has 1 to %(most)s characters.", most=prompt_desk.LONGEST_TEXT)
        )
    who, replaces = present_visitor().name, "replaces" in request.form
    try:
        prompt_desk.add_spoken(name, text, Language(language), by=who, replaces=replaces)
    except RefusedError as error:
        return fault_told(WORDS.refusal(error), error.key)
    flash(say(_ADDED, name=name), "done")
    return jsonify(done=True), 200


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
