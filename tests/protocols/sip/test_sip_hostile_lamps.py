"""Lamps of names that nobody has: whatever a phone asks for, what it is told is good XML."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from link import Box, Link
from test_sip_subscriptions import INFO, Watcher

from appliance.protocols.sip.event_packages import DIALOG, MESSAGES, PACKAGES, Activity, body_of
from appliance.protocols.sip.event_packages import Shown as LampShown
from appliance.protocols.sip.uri import SipUri

RESOURCES = (
    "%22%3E%3Cb%3E", "%0d%0aVoice-Message:%209/9", "%00", "%ff%fe", "%ef%bf%be", "%ed%a0%80",
    "%E7%8E%8B" * 66, "%F0%9F%98%80", "%E2%80%AE5001", "a;b=c", "=1+2", "'", "..%2f..%2f",
    "&amp;", "%26lt%3B", "8002%408001", "x" * 900,
)  # fmt: skip


@pytest.fixture
def phone(box: Box, link: Link) -> Watcher:
    phone = Watcher(box)
    assert phone.register(link).status == 200
    return phone


@pytest.mark.parametrize("package", ["dialog", "presence"])
@pytest.mark.parametrize("resource", RESOURCES)
def test_a_lamp_of_any_name_is_told_in_good_xml_or_refused(
    phone: Watcher, link: Link, resource: str, package: str
) -> None:
    answer = phone.subscribe(link, resource, package)
    assert 200 <= answer.status < 500
    if answer.status >= 300:
        return
    (told,) = phone.told
    root = ElementTree.fromstring(told.body)
    assert root.tag.endswith(("dialog-info", "presence"))
    assert {one.tag.partition("}")[2] for one in root.iter()} <= {
        "dialog-info", "presence", "tuple", "status", "basic", "note",
    }  # fmt: skip
    assert (root.get("entity") or "").startswith("sip:")


@given(
    user=st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    other=st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    activity=st.sampled_from(list(Activity)),
)
def test_whoever_calls_whomever_the_lamps_words_stay_in_their_place(
    user: str, other: str, activity: Activity
) -> None:
    entity = str(SipUri.of(user, "127.0.0.1"))
    for package in PACKAGES.values():
        body = body_of(package, entity, LampShown(activity=activity, other=other, new=1), 0)
        if package is MESSAGES:
            names = [line.partition(b":")[0] for line in body.split(b"\r\n")]
            assert names == [b"Messages-Waiting", b"Message-Account", b"Voice-Message", b""]
            continue
        root = ElementTree.fromstring(body)
        assert root.get("entity") == entity
        if package is DIALOG:
            identities = root.findall(f"{INFO}dialog/{INFO}remote/{INFO}identity")
            assert len(identities) <= 1
