"""`linghe apply` as the page runs it: the one way in which a site file is read and applied."""

import msgspec
from flask import copy_current_request_context

from appliance.vocabulary.linghe_json import Applied, Checked
from webadmin.access import present_visitor, where
from webadmin.command import Heard, linghe_said
from webadmin.pages.site.applying import Work

APPLIED_WITHIN_S = 3600.0
"""A shop's hundred texts on the smallest machine; each that was made is made, whatever comes."""


def check(text: str) -> Checked:
    """Say what a file would change. Raises SiteError with every fault, EquipmentError."""
    return msgspec.json.decode(
        linghe_said("apply", "--check", "-", said=text.encode()), type=Checked
    )


def application(text: str, version: str) -> Work:
    """Return what applies a file if this version of the site holds still, in whatever thread. It
    raises SiteError, RefusedError (`site_changed`), EquipmentError."""
    who = (f"--by={present_visitor().name}", f"--where={where() or 'web'}")
    words = (*who, "--progress", f"--if-version={version}", "-")

    @copy_current_request_context
    def apply(heard: Heard) -> Applied:
        said = linghe_said(
            "apply", *words, said=text.encode(), patience=APPLIED_WITHIN_S, heard=heard
        )
        return msgspec.json.decode(said, type=Applied)

    return apply
