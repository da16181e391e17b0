"""All settings as one file: taken home, looked at, checked, and applied all or nothing.

What is applied is what was checked: a text that is another by then is checked again first.
"""

import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field

from flask import Response, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.store.site_file import write_site
from appliance.vocabulary.errors import EquipmentError, RefusedError, SiteError, SiteFault
from appliance.vocabulary.linghe_json import Applied, Checked
from webadmin.access import blueprint_of, note
from webadmin.languages import mark, say
from webadmin.pages.site import verb
from webadmin.pages.site.applying import Applying, Applyings, Form
from webadmin.pages.site.words import kind
from webadmin.stores import site
from webadmin.uploads import LONGEST_PIECE

blueprint = blueprint_of(__name__, "site", "/site")

CHANGED = mark(
    "Somebody changed the settings meanwhile; nothing of yours was applied. Below stands what your "
    "file would change now: look at it, then apply it again."
)
STALE = mark(
    "Somebody changed the settings since you opened this page. Where your file would undo that, it "
    "stands below too."
)
OTHER_TEXT = mark("The text is not what was checked. Look at what it would change, then apply it.")
NO_TEXT = mark("The file is no text in UTF-8. Save it as UTF-8 and choose it again.")
EMPTY = mark("There is nothing in it. Choose a file, or write into the field.")
TOO_LONG = mark("The file is too large: half a megabyte at most.")
FAILED = mark("It could not be done: %(what)s")
FORGOTTEN = mark("What came of that file is not kept here any longer. Below stands what holds now.")
_NUMBER = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r"[0-9]{1,9}")
_applyings = Applyings(time.monotonic)
AT_ONCE_S = 10.0
"""What takes longer has a page that looks again."""


@dataclass(slots=True, kw_only=True)
class Shown:
    """What the page shows besides the file."""

    text: str
    version: str
    faults: list[tuple[SiteFault, str]] = field(default_factory=list)
    """Each with its line of the file."""
    checked: Checked | None = None
    applied: Applied | None = None
    applying: Applying | None = None
    warning: str = ""


@blueprint.get("/")
def show() -> str:
    """Show the file of the site that holds now."""
    here = site()
    return _page(Shown(text=write_site(here), version=str(here.version)))


@blueprint.get("/site.toml")
def download() -> AnyResponse:
    """Hand the file out, and say in the audit log who took it: it has digests that open phones.

    The page shows owners the same, as `linghe export` does; who looked is written nowhere.
    """
    note("site_exported", f"version {site().version}")
    answer = Response(write_site(site()), mimetype="application/toml")
    answer.headers["Content-Disposition"] = 'attachment; filename="site.toml"'
    return answer


@blueprint.post("/check")
def check() -> str:
    """Say every fault of a file, or what it would change."""
    try:
        text = _text()
    except ValueError as error:
        return _page(Shown(text=_typed(), version=_version(), warning=str(error)))
    shown = _checked(text)
    if shown.checked is not None and shown.version != _version():
        shown.warning = say(STALE)
    return _page(shown)


@blueprint.post("/apply")
def apply() -> str | AnyResponse:
    """Apply what was checked: all of it, or nothing."""
    text = _typed()
    if request.form.get("checked") != _digest(text):
        shown = _checked(text)
        shown.warning = shown.warning or say(OTHER_TEXT)
        return _page(shown)
    form = _form(request.form.get("form", ""))
    one = _applyings.begin(form, text, verb.application(text, _version()))
    if not one.over.wait(AT_ONCE_S):
        return redirect(url_for("site.look", form=form[1]), 303)
    return _outcome(one)


@blueprint.get("/applying/<form>")
def look(form: str) -> str:
    """Show how far an application is, or what came of it."""
    one = _applyings.of(_form(form))
    if one is None:
        here = site()
        shown = Shown(text=write_site(here), version=str(here.version), warning=say(FORGOTTEN))
        return _page(shown)
    if one.over.is_set():
        return _outcome(one)
    return _page(Shown(text=one.text, version=_version(), applying=one))


# --- inside ---------------------------------------------------------------------------------------
def _form(number: str) -> Form:
    """The form of this login; one whose number is none of ours has a new one, and is carried out
    each time."""
    known = number if _NUMBER.fullmatch(number) else secrets.token_hex(16)
    return str(session.get("login", "")), known


def _outcome(one: Applying) -> str:
    """The page of an application that is over."""
    _applyings.show(one)
    if isinstance(one.error, SiteError):
        return _page(_faulty(one.text, one.error))
    if isinstance(one.error, RefusedError):
        shown = _checked(one.text)
        shown.warning = say(CHANGED) if one.error.key == "site_changed" else str(one.error)
        return _page(shown)
    if one.error is not None:
        return _page(_failed(one.text, one.error))
    g.pop("linghe_site", None)  # it is another one now
    here = site()
    return _page(Shown(text=write_site(here), version=str(here.version), applied=one.done))


def _checked(text: str) -> Shown:
    if not text.strip():
        return Shown(text=text, version=_version(), warning=say(EMPTY))
    try:
        found = verb.check(text)
    except SiteError as error:
        return _faulty(text, error)
    except (RefusedError, EquipmentError) as error:
        return _failed(text, error)
    return Shown(text=text, version=str(found.site_version), checked=found)


def _faulty(text: str, error: SiteError) -> Shown:
    lines = text.split("\n")
    faults = [
        (fault, lines[fault.line - 1] if fault.line and fault.line <= len(lines) else "")
        for fault in error.faults
    ]
    return Shown(text=text, version=_version(), faults=faults)


def _failed(text: str, error: Exception) -> Shown:
    return Shown(text=text, version=_version(), warning=say(FAILED, what=str(error)))


def _text() -> str:
    """What was chosen or, else, typed. ValueError with a sentence for what cannot be read."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _typed()
    content = file.stream.read(LONGEST_PIECE + 1)
    if len(content) > LONGEST_PIECE:
        raise ValueError(say(TOO_LONG))
    try:
        return _ends_joined(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(say(NO_TEXT)) from error


def _typed() -> str:
    return _ends_joined(request.form.get("text", ""))


def _ends_joined(text: str) -> str:
    """A form sends each line's end as two characters, a file of Windows has them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _version() -> str:
    sent = request.form.get("version", "")
    return sent if _VERSION.fullmatch(sent) else str(site().version)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _page(shown: Shown) -> str:
    return render_template(
        "site.html",
        shown=shown,
        digest=_digest(shown.text),
        form=secrets.token_hex(16),
        kind=kind,
        counts=[
            (kind("phone"), len(site().extension)),
            (kind("agent"), len(site().agent)),
            (kind("queue"), len(site().queue)),
            (kind("trunk"), len(site().trunk)),
            (kind("flow"), len(site().flow)),
        ],
    )
