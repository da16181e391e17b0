"""Help at the desk: codes of the phone, what the phone needs, and what was tried with the box."""

from flask import Response, abort, render_template, request, send_file

from webadmin.access import blueprint_of
from webadmin.languages import mark, say
from webadmin.pages.help.codes import chapters
from webadmin.pages.help.compatibility import compatibility
from webadmin.pages.help.connecting import address_for_phones, authority, status
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
        host=address_for_phones(request.host, request.environ.get("SERVER_NAME", "")),
        status=status(),
        has_authority=authority() is not None,
    )


@blueprint.get("/authority.pem")
def authority_file() -> Response:
    """Give the certificate that phones (and browsers) are to trust; its key stays here."""
    file = authority()
    if file is None:
        abort(404)
    return send_file(
        file,
        mimetype="application/x-pem-file",
        as_attachment=True,
        download_name="linghe-authority.pem",
    )
