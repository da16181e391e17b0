"""Voicemail by box: who called, when, how long, heard by whom; the sound; marking and deleting."""

import secrets

from flask import Response, abort, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import RecordingId
from appliance.vocabulary.messages import MessageNote
from appliance.vocabulary.verbs import (
    AskId,
    DeleteMessage,
    MarkMessage,
    MessageHeard,
    VerbAnswered,
)
from webadmin.access import blueprint_of, note, present_visitor
from webadmin.box import ask, live_feed
from webadmin.heard import forgotten, message_heard_by
from webadmin.languages import say
from webadmin.message_boxes import facts_of, is_overdue, visible_boxes, visible_message
from webadmin.recordings import file_named

blueprint = blueprint_of(__name__, "messages", "/messages")

ANSWER_S = 10.0


@blueprint.get("/")
def show() -> str:
    """Show the boxes, in each the newest message first, unheard ones before heard ones."""
    told = visible_boxes()
    now = live_feed().box_time()
    shown = []
    for box in told or ():
        facts = facts_of(box.box)
        rows = [
            (kept, is_new, is_overdue(kept, facts, now, is_new=is_new))
            for is_new, kind in ((True, box.new), (False, box.old))
            for kept in reversed(kind)
        ]
        shown.append((box, facts, rows))
    return render_template("messages.html", boxes=shown, is_away=told is None)


@blueprint.get("/<recording>.wav")
def sound(recording: str) -> Response:
    """Give a message to the player, whole or the part it asks for."""
    kept = _message(recording)
    file = file_named(kept.file)
    if file is None:
        abort(404)
    asked = request.range
    if asked is None or asked.ranges[0][0] == 0:
        note("recording_heard", recording)
        message_heard_by(kept.recording, present_visitor().name)
    return send_file(file, mimetype="audio/wav", conditional=True, etag=True)


@blueprint.post("/mark")
def mark_one() -> AnyResponse:
    """Let a message count as new again, or as heard."""
    kept = _message(request.form.get("recording", ""))
    is_new = request.form.get("new", "") == "yes"
    by = present_visitor().name
    verb = MarkMessage(ask=_ask(), by=by, recording=kept.recording, is_new=is_new)
    forgotten(kept.recording)
    if _done(verb):
        note("message_marked", kept.recording)
    return redirect(url_for("messages.show"))


@blueprint.post("/delete")
def delete() -> AnyResponse:
    """Take a message out of its box, and its sound out of the store."""
    kept = _message(request.form.get("recording", ""))
    if request.form.get("sure", "") != "yes":
        flash(say("Nothing was deleted: tick that you are sure."), "fault")
        return redirect(url_for("messages.show"))
    note("message_deleted", f"{kept.recording} {kept.caller}".strip())
    verb = DeleteMessage(ask=_ask(), by=present_visitor().name, recording=kept.recording)
    if _done(verb):
        flash(say("The message is deleted."), "done")
    return redirect(url_for("messages.show"))


def _message(recording: str) -> MessageNote:
    found = visible_message(RecordingId(recording))
    if found is None:
        abort(404)
    return found


def _ask() -> AskId:
    return AskId(secrets.token_hex(8))


def _done(verb: MarkMessage | DeleteMessage | MessageHeard) -> bool:
    """Have control do it; what is so already is done."""
    try:
        answer = ask(verb, ANSWER_S)
    except (OSError, PeerError):
        answer = None
    if isinstance(answer, VerbAnswered) and answer.problem in ("", "already", "recording_unknown"):
        return True
    flash(say("Call control does not answer now. Please try again."), "fault")
    return False
