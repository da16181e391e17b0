"""The music of the box: heard, seen, added and removed here by the owner."""

from flask import Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from webadmin import sounds
from webadmin.access import blueprint_of
from webadmin.languages import mark
from webadmin.pages.music import verb
from webadmin.pages.music.words import WORDS
from webadmin.stores import names
from webadmin.uploads import LONGEST_FILE, LONGEST_PIECE, piece_told

blueprint = blueprint_of(__name__, "music", "/music")


@blueprint.get("/")
def show() -> str:
    """Show what there is, and the form for more."""
    return render_template(
        "music.html",
        pieces=verb.pieces(),
        names=names(),
        longest=LONGEST_FILE,
        step=LONGEST_PIECE,
        most_of_name=sounds.MOST_OF_NAME,
    )


@blueprint.get("/<prompt>.wav")
def sound(prompt: str) -> Response:
    """Give a piece to the player."""
    return sounds.heard(prompt) or abort(404)


@blueprint.post("/piece")
def piece() -> tuple[Response, int]:
    """Take one part of a file."""
    return piece_told()


@blueprint.post("/add")
def add() -> tuple[Response, int]:
    """Make music of a file that has come."""
    done = mark("Callers can hear %(name)s now, where the site chooses it.")
    return sounds.added(WORDS, verb.add, done)


@blueprint.post("/remove")
def remove() -> AnyResponse:
    """Remove a piece."""
    done = mark("%(name)s is removed; who hears it now hears it to the end.")
    sounds.removed(WORDS, verb.remove, done)
    return redirect(url_for("music.show"))
