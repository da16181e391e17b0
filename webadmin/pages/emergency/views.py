"""Emergency mode, switched by the owner after he has said that he is sure; *09 does the same."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.verbs import AskId, SetEmergencyMode, VerbAnswered
from webadmin.access import blueprint_of, note, present_visitor
from webadmin.box import ask, live_feed
from webadmin.languages import mark, say
from webadmin.stores import site

blueprint = blueprint_of(__name__, "emergency", "/emergency")

ANSWER_S = 10.0
SEEN_S = 3.0
"""So long the page waits to see what it has just switched: it is not to say the opposite."""
SAID = {
    "already": mark("Somebody was quicker: it is so already."),
    "not_allowed": mark("The site has no emergency flow: name one as [emergency_mode]."),
}


@blueprint.get("/")
def show() -> str:
    """Show whether it is on, since when and by whom, and the switch."""
    picture = live_feed().now()
    here = site()
    wanted = here.emergency_mode.flow
    return render_template(
        "emergency.html",
        is_away=picture.is_away,
        live=picture.live,
        flow=wanted if wanted in [one.id for one in here.flow] else "",
        has_pin=bool(here.emergency_mode.pin_digest),
        numbers=[route.number for route in here.route],
    )


@blueprint.post("/switch")
def switch() -> AnyResponse:
    """Switch it on or off."""
    is_on = request.form.get("act") == "on"
    if request.form.get("sure") != "yes":
        flash(say("Nothing was changed: say first that you are sure."), "fault")
        return redirect(url_for("emergency.show"))
    verb = SetEmergencyMode(ask=AskId(secrets.token_hex(8)), by=present_visitor().name, is_on=is_on)
    try:
        answer = ask(verb, ANSWER_S)
    except (OSError, PeerError):
        answer = None
    if not isinstance(answer, VerbAnswered):
        flash(say("Call control does not answer now. Please try again."), "fault")
    elif answer.problem:
        flash(say(SAID.get(answer.problem, SAID["not_allowed"])), "fault")
    else:
        live_feed().until(lambda live: (live.emergency_since is not None) is is_on, SEEN_S)
        note("emergency_mode_on" if is_on else "emergency_mode_off", site().emergency_mode.flow)
        flash(
            say("From now on every number leads to the emergency flow.")
            if is_on
            else say("Numbers lead where they always do again."),
            "done",
        )
    return redirect(url_for("emergency.show"))
