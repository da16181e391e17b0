"""How the machine stands; its address, clock and restart. What needs root is asked of root."""

import ipaddress
import re
import time
from datetime import datetime
from threading import Event
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.reports.days import zone_of
from appliance.store.restore import waiting
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.wire.privileged import (
    ConfirmNetwork,
    Restart,
    SetClock,
    SetNetwork,
    SetReach,
    SetTimeZone,
)
from webadmin.access import present_visitor
from webadmin.box import live_feed
from webadmin.languages import mark, say
from webadmin.pages.box.blueprint import (
    NOT_HERE,
    REFUSED,
    asked_of_root,
    blueprint,
    errand,
    told,
)
from webadmin.pages.box.errands import until_nobody_talks
from webadmin.pages.box.keeping import LONGEST_BACKUP, LONGEST_UPDATE
from webadmin.pages.box.sights import network_in, reach_in, set_on, sights, zone_in
from webadmin.pages.help.connecting import network_address
from webadmin.root import ask_root, is_box, state
from webadmin.stores import places, site
from webadmin.uploads import LONGEST_PIECE

TRIAL_S = 180.0
"""So long the new address waits for its owner to log in there."""
WORDS = {
    "restart": (False, mark("The box starts again; in a minute or two the page is back.")),
    "off": (True, mark("The box switches itself off.")),
}
"""What is typed; whether the box then stays off, and what is told where that is done at once."""
FAR_S = 86400.0
FAR_WORD = "clock"
"""Typed where the clock is set further: a wrong year ends all logins and dates what is to come."""
_SPACES = re.compile(r"[\s,;]+")


@blueprint.get("/")
def show() -> str:
    """Show all of it."""
    here, folder = sights(places()), set_on(places())
    picture = live_feed().now()
    has_root = is_box()
    lan, carriers = reach_in(folder) if has_root else ([], [])
    try:
        ready = waiting(places())
    except EquipmentError:
        ready = None
    now = time.time()
    return render_template(
        "box.html",
        is_box=has_root,
        seen=here,
        root=state() if has_root else None,
        address=network_address(),
        network=network_in(folder) if has_root else None,
        lan="\n".join(lan),
        carriers="\n".join(carriers),
        zone=zone_in(folder),
        zones=sorted(available_timezones()),
        now=now,
        local=datetime.fromtimestamp(now, zone_of(site().site.timezone)).strftime("%Y-%m-%dT%H:%M"),
        calls=None if picture.live is None or picture.is_away else len(picture.live.calls),
        ready=ready,
        update=errand("update").standing,
        restart=errand("restart").standing,
        step=LONGEST_PIECE,
        longest_update=LONGEST_UPDATE,
        longest_backup=LONGEST_BACKUP,
    )


# --- the network ----------------------------------------------------------------------------------
@blueprint.post("/network")
def network() -> Response | str:
    """Take another address, on trial: who cannot reach the page there has the former one back."""
    if not is_box():
        return told(say(NOT_HERE), "fault")
    is_fixed = request.form.get("way") == "fixed"
    asked = SetNetwork(
        address=_field("address") if is_fixed else "",
        gateway=_field("gateway") if is_fixed else "",
        dns=tuple(_list("dns")) if is_fixed else (),
        trial_seconds=TRIAL_S,
        by=present_visitor().name,
    )
    if is_fixed and not asked.address:
        return told(
            say("Type the box’s own address with its prefix, like 192.168.1.10/24."), "fault"
        )
    try:
        ask_root(asked)
    except (RefusedError, EquipmentError) as error:
        return told(say(REFUSED, what=str(error)), "fault")
    return render_template(
        "moving.html", address=asked.address, there=_page_at(asked.address), seconds=int(TRIAL_S)
    )


@blueprint.post("/network/keep")
def keep() -> Response:
    """The owner is here, so the new address works: it stays."""
    return asked_of_root(
        lambda: ConfirmNetwork(by=present_visitor().name), say("The new address stays.")
    )


@blueprint.post("/reach")
def reach() -> Response:
    """Let more networks in."""
    return asked_of_root(
        lambda: SetReach(
            lan=tuple(_list("lan")), carriers=tuple(_list("carriers")), by=present_visitor().name
        ),
        say("Saved: who may reach the box holds at once."),
    )


# --- time -----------------------------------------------------------------------------------------
@blueprint.post("/clock")
def clock() -> Response:
    """Set the clock by hand, in the site's time."""

    def question() -> SetClock:
        try:
            there = datetime.fromisoformat(_field("at")).replace(
                tzinfo=zone_of(site().site.timezone)
            )
            utc = there.timestamp()
        except (ValueError, OverflowError) as error:
            raise RefusedError("clock_refused", say("That is no date and time.")) from error
        if abs(utc - time.time()) > FAR_S and _field("word").lower() != FAR_WORD:
            far = say("That is more than a day from now: type %(word)s as well.", word=FAR_WORD)
            raise RefusedError("clock_far", far)
        return SetClock(utc=utc, by=present_visitor().name)

    return asked_of_root(question, say("The clock is set. It may be that you log in again."))


@blueprint.post("/zone")
def zone() -> Response:
    """Set the machine's own zone."""
    return asked_of_root(
        lambda: SetTimeZone(zone=_field("zone"), by=present_visitor().name),
        say("The machine’s time zone is set."),
    )


# --- restart --------------------------------------------------------------------------------------
@blueprint.post("/restart")
def restart() -> Response:
    """Start the machine again, or switch it off: at once, or as soon as nobody talks."""
    word = _field("word").lower()
    if not is_box():
        return told(say(NOT_HERE), "fault")
    if request.form.get("act") != word or word not in WORDS:
        return told(say("Nothing was done: type the word that stands beside the field."), "fault")
    stays_off, done = WORDS[word]
    asked = Restart(power_off=stays_off, by=present_visitor().name)
    if request.form.get("when") == "now":
        return asked_of_root(lambda: asked, say(done))
    feed = live_feed()

    def work(stop: Event) -> str:
        if not until_nobody_talks(feed, stop):
            return ""
        return ask_root(asked).sentence

    if not errand("restart").begin(word, work):
        return told(say("That waits already."), "fault")
    return redirect(url_for("box.show"))


@blueprint.post("/restart/cancel")
def cancel() -> Response:
    """Wait for it no more."""
    errand("restart").stop()
    flash(say("The box goes on running."), "done")
    return redirect(url_for("box.show"))


# --- inside ---------------------------------------------------------------------------------------
def _field(name: str) -> str:
    return request.form.get(name, "").strip()


def _list(name: str) -> list[str]:
    return [one for one in _SPACES.split(_field(name)) if one]


def _page_at(address: str) -> str:
    """This page's address under another one of the box; by its name where nobody knows it yet."""
    host = "linghe.local"
    if address:
        own = ipaddress.ip_interface(address).ip
        host = f"[{own}]" if own.version == 6 else str(own)
    port = request.host.rpartition(":")[2]
    is_named = port.isdigit() and not request.host.endswith("]") and port not in ("80", "443")
    return f"{request.scheme}://{host}{f':{port}' if is_named else ''}{url_for('box.show')}"
