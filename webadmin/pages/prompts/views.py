"""The owner's recordings: heard, seen where they are said, added, brought back and removed here."""

import re
from io import BytesIO

from flask import (
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from appliance.store.music_files import wav_of
from appliance.vocabulary.errors import EquipmentError, RefusedError
from webadmin import prompt_desk
from webadmin.access import blueprint_of, present_visitor
from webadmin.languages import say
from webadmin.pages.prompts.words import refusal, sentence
from webadmin.prompt_desk import MOST_OF_NAME, is_name
from webadmin.stores import places
from webadmin.uploads import LONGEST_FILE, LONGEST_PIECE, UploadFault, claimed, take_piece

blueprint = blueprint_of(__name__, "prompts", "/prompts")

_HASH = re.compile(r"[0-9a-f]{64}")


@blueprint.get("/")
def show() -> str:
    """Show what there is, and the form for more."""
    return render_template(
        "prompts.html",
        prompts=prompt_desk.prompts(),
        longest=LONGEST_FILE,
        step=LONGEST_PIECE,
        most_of_name=MOST_OF_NAME,
    )


@blueprint.get("/<prompt>.wav")
def sound(prompt: str) -> Response:
    """Give a recording to the player, as callers hear it, whole or the part it asks for."""
    file = places().prompts / f"{prompt}.alaw"
    if not _HASH.fullmatch(prompt) or not file.is_file():
        abort(404)
    whole = BytesIO(wav_of(file.read_bytes()))
    return send_file(whole, mimetype="audio/wav", conditional=True, etag=prompt)


@blueprint.post("/piece")
def piece() -> tuple[Response, int]:
    """Take one part of a file."""
    try:
        offset = int(request.headers.get("X-Offset", ""))
        there = take_piece(request.headers.get("X-Upload", ""), offset, request.get_data())
    except ValueError:
        abort(400)
    except UploadFault as fault:
        return jsonify(fault=str(fault)), 400
    return jsonify(there=there), 200


@blueprint.post("/add")
def add() -> tuple[Response, int]:
    """Make a prompt of a file that has come; said in JSON, since a script asks."""
    name = request.form.get("name", "").strip()
    if not is_name(name):
        return _fault(sentence("prompt_name"), "prompt_name")
    try:
        file = claimed(request.form.get("upload", ""))
    except UploadFault as fault:
        return _fault(str(fault))
    if file is None:
        # A second click: the first one is at work, or has done it.
        return _fault(say("This file is being added already, or has been."), "again")
    try:
        prompt_desk.add(name, file, by=present_visitor().name, replaces="replaces" in request.form)
    except RefusedError as error:
        if error.key == "prompt_taken":
            # The very same again, once he has said under which name; it need not come twice.
            file.rename(file.with_suffix(".part"))
        else:
            file.unlink(missing_ok=True)
        return _fault(refusal(error), error.key)
    except EquipmentError:
        file.unlink(missing_ok=True)
        raise
    file.unlink(missing_ok=True)
    flash(say("Callers hear %(name)s where the site names it.", name=name), "done")
    return jsonify(done=True), 200


@blueprint.post("/restore")
def restore() -> AnyResponse:
    """Let callers hear an earlier recording again."""
    name, version = request.form.get("name", ""), request.form.get("version", "")
    if not is_name(name) or not version.isdecimal():
        abort(400)
    try:
        prompt_desk.restore(name, int(version[:9]), by=present_visitor().name)
    except RefusedError as error:
        flash(refusal(error), "fault")
    else:
        flash(say("Callers hear version %(version)s again.", version=version), "done")
    return redirect(url_for("prompts.show"))


@blueprint.post("/remove")
def remove() -> AnyResponse:
    """Remove a prompt; one that is gone already is gone."""
    name = request.form.get("name", "")
    if not is_name(name):
        flash(sentence("prompt_name"), "fault")
        return redirect(url_for("prompts.show"))
    try:
        prompt_desk.remove(name, by=present_visitor().name)
    except RefusedError as error:
        if error.key != "prompt_unknown":
            flash(refusal(error), "fault")
            return redirect(url_for("prompts.show"))
    flash(say("%(name)s is removed; calls that heard it keep their proof.", name=name), "done")
    return redirect(url_for("prompts.show"))


def _fault(said: str, key: str = "") -> tuple[Response, int]:
    return jsonify(fault=said, key=key), 400
