"""The own password: changed by who knows the old one; other logins of the same user end."""

from flask import current_app, flash, redirect, render_template, request, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response

from webadmin.access import begin_login, blueprint_of, new_stamp, note, present_visitor, where
from webadmin.doors.login import tries
from webadmin.languages import say
from webadmin.passwords import SHORTEST, fault_of, hash_of, is_right
from webadmin.stores import settings

blueprint = blueprint_of(__name__, "account", "/account")


@blueprint.get("/")
def show() -> str:
    """Show who it is, and the form."""
    return render_template("account.html", user=present_visitor().user, shortest=SHORTEST)


@blueprint.post("/")
def change() -> Response:
    """Change the password."""
    user = present_visitor().user
    fault = own_password_fault() or fault_of(
        request.form.get("password", ""), request.form.get("again", ""), user.name
    )
    if fault:
        flash(fault, "fault")
        return redirect(url_for("account.show"))
    changed = replace(
        user,
        password_hash=hash_of(request.form.get("password", "")),
        login_stamp=new_stamp(),
    )
    with settings().together():
        is_changed = settings().people.change(changed, stamp=user.login_stamp)
        if is_changed:
            note("password_changed", changed.name)
    if not is_changed:
        # Meanwhile somebody removed this user or gave him another password.
        flash(say("Your own password is not right."), "fault")
        return redirect(url_for("account.show"))
    begin_login(changed)
    flash(say("The password is changed. Other logins of yours have ended."))
    return redirect(url_for("account.show"))


def own_password_fault() -> str:
    """Return why the visitor's own password, asked again, does not do; "" when it does."""
    user = present_visitor().user
    wait = tries(current_app).take(where(), user.name)
    if wait > 0:
        return say("Too many tries. Wait %(count)s seconds.", count=int(wait) + 1)
    if not is_right(request.form.get("own_password", ""), user.password_hash):
        note("password_wrong")
        return say("Your own password is not right.")
    tries(current_app).forgive(where(), user.name)
    return ""
