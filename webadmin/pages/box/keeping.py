"""Files that go in and out: an update, a backup, a backup that is taken back."""

import os
import secrets
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Lock

import msgspec
from flask import Response, flash, jsonify, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.reports.days import zone_of
from appliance.store.private_file import make_folder
from appliance.store.shared import file_mode
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.shape import Value
from appliance.wire.privileged import UPDATE_SECONDS, InstallUpdate
from webadmin.access import note, present_visitor
from webadmin.box import live_feed
from webadmin.command import linghe_said
from webadmin.languages import say
from webadmin.pages.account.views import own_password_fault
from webadmin.pages.box.blueprint import NOT_HERE, blueprint, errand, told
from webadmin.root import ANSWER_S, ask_root, is_box, state
from webadmin.stores import places, site
from webadmin.uploads import OLD_AFTER_S, UploadFault, claimed, fault_told, piece_told

LONGEST_UPDATE = 1 << 30
LONGEST_BACKUP = 4 << 30
PATIENCE_S = 900.0
"""A backup of a full box is read, proven and unpacked by then."""
MOST_OF_NAME = 80
FROM_PAGE = "from-page-{}.raucb"
one_backup = Lock()
"""Each takes a thread, and the disk, for as long as it takes."""


class Laid(Value, frozen=True, kw_only=True):
    """What `linghe restore` says of a backup that is proven and laid ready."""

    made_at: str
    site: str
    files: int


@blueprint.post("/piece")
def piece() -> tuple[Response, int]:
    """Take one part of a file."""
    if request.headers.get("X-Offset") == "0":
        _tidy()
    return piece_told(LONGEST_BACKUP)


@blueprint.post("/update")
def update() -> tuple[Response, int]:
    """Have an update that has come installed; said in JSON, to a script."""
    if not is_box():
        return fault_told(say(NOT_HERE))
    box = state()
    if box is not None and box.slot and box.slot == box.slot_on_trial:
        # root refuses it too; here it is said before the file is used up
        return fault_told(
            say(
                "The version that runs is on trial itself. Wait some minutes until it is found "
                "good, then send the update again."
            )
        )
    file, fault, key = _sent()
    if file is None:
        return fault_told(fault, key)
    if file.stat().st_size > LONGEST_UPDATE:
        file.unlink(missing_ok=True)
        return fault_told(say("The file is too large for an update."))
    name, by = _name("update.raucb"), present_visitor().name
    folder = places().root / "updates"
    make_folder(folder)
    # Named by us: what a file is called elsewhere is nobody's word.
    place = file.rename(folder / FROM_PAGE.format(secrets.token_hex(8)))
    os.utime(place)
    place.chmod(file_mode(folder))

    def work(_stop: Event) -> str:
        try:
            asked = InstallUpdate(file=str(place), by=by)
            return ask_root(asked, UPDATE_SECONDS + ANSWER_S).sentence
        finally:
            place.unlink(missing_ok=True)

    if not errand("update").begin(name, work):
        place.unlink(missing_ok=True)
        return fault_told(say("An update is being installed already."))
    return jsonify(done=True), 200


@blueprint.post("/update/seen")
def update_seen() -> AnyResponse:
    """What became of the update was read."""
    errand("update").forget()
    return redirect(url_for("box.show"))


@blueprint.post("/backup")
def backup() -> AnyResponse:
    """Make a backup and hand it out; nothing of it stays on the box."""
    fault = own_password_fault()
    if fault:
        return told(fault, "fault")
    if not one_backup.acquire(blocking=False):
        return told(say("A backup is being made already. Please wait for it."), "fault")
    file = places().uploads / f"{secrets.token_hex(16)}.backup"
    try:
        make_folder(file.parent)
        linghe_said("backup", str(file), f"--by={present_visitor().name}", patience=PATIENCE_S)
        handed = file.open("rb")
    except (RefusedError, EquipmentError, OSError) as error:
        return told(say("The backup was not made: %(what)s", what=str(error)), "fault")
    finally:
        file.unlink(missing_ok=True)
        one_backup.release()
    at = datetime.fromtimestamp(live_feed().box_time(), zone_of(site().site.timezone))
    answer = send_file(
        handed,
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"linghe-{at:%Y%m%d-%H%M}.linghe",
    )
    # The page stays where it is: its script reads here that the button may be pressed again.
    answer.set_cookie("linghe_handed", "yes", max_age=600, path="/box/", samesite="Strict")
    return answer


@blueprint.post("/restore")
def restore() -> tuple[Response, int]:
    """Prove a backup that has come and lay it ready; said in JSON, to a script."""
    file, fault, key = _sent()
    if file is None:
        return fault_told(fault, key)
    name = _name("backup")
    foreign = ("--from-another-box",) if request.form.get("foreign") == "yes" else ()
    try:
        words = ("--at-next-start", *foreign, str(file))
        laid = msgspec.json.decode(linghe_said("restore", *words, patience=PATIENCE_S), type=Laid)
    except (RefusedError, EquipmentError) as error:
        key = error.key if isinstance(error, RefusedError) else "failed"
        return fault_told(_refusal(key, str(error).replace(file.name, name)), key)
    finally:
        file.unlink(missing_ok=True)
    note("backup_laid_ready", f"{name}: {laid.made_at}, {laid.site}")
    flash(
        say(
            "The backup of %(at)s (%(site)s) is whole and lies ready. The next start takes it up.",
            at=laid.made_at,
            site=laid.site or "–",
        ),
        "done",
    )
    return jsonify(done=True), 200


@blueprint.post("/restore/undo")
def undo() -> AnyResponse:
    """Have no backup wait any more."""
    try:
        linghe_said("restore", "--undo")
    except (RefusedError, EquipmentError) as error:
        return told(str(error), "fault")
    note("restore_undone")
    return told(say("No backup waits any more; the box stays as it is."))


# --- inside ---------------------------------------------------------------------------------------
def _sent() -> tuple[Path | None, str, str]:
    """The file that has come; or why there is none, and a key for the script: one that was sent
    with a wrong password is still there."""
    fault = own_password_fault()
    if fault:
        return None, fault, "own_password"
    try:
        file = claimed(request.form.get("upload", ""))
    except UploadFault as wrong:
        return None, str(wrong), ""
    return file, "" if file else say("This file is being added already, or has been."), ""


def _tidy() -> None:
    """Delete updates that nobody installs any more: pages that were killed left them behind."""
    if errand("update").standing.is_at_work:
        return
    oldest = time.time() - OLD_AFTER_S
    for file in (places().root / "updates").glob(FROM_PAGE.format("*")):
        with suppress(OSError):
            if file.stat().st_mtime < oldest:
                file.unlink()


def _name(otherwise: str) -> str:
    sent = "".join(char for char in request.form.get("name", "") if char.isprintable())
    return sent[:MOST_OF_NAME] or otherwise


def _refusal(key: str, sentence: str) -> str:
    if key == "backup_foreign":
        return say(
            "Another box made this backup, or somebody changed it since. If this box is to be the "
            "other’s successor, tick the field and send it again."
        )
    return say("The backup is refused; nothing was changed. %(what)s", what=sentence)
