"""Two ends of TLS without a wire between them: who is believed, what is carried, what breaks."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tls_front import certificate

from appliance.daemons import certificates
from appliance.daemons.control.tls import Security, TlsFailure, TlsSide, is_named
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def carried(near: TlsSide, far: TlsSide) -> bytes:
    """Carry everything there and back until nobody says anything; what the far side read."""
    heard = b""
    while (out := near.take()) or (back := far.take()):
        heard += far.received(out) if out else b""
        if back := far.take():
            near.received(back)
    return heard


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def shown(folder):
    return certificate(folder, "sip.carrier.example")


def ends(shown, pin, name="sip.carrier.example"):
    listening, calling = Security(), Security()
    listening.load(*shown)
    if pin:
        calling.pin({name: pin})
    return calling.client_side(name), listening.server_side()


def test_what_is_said_before_the_hands_are_shaken_arrives(shown):
    near, far = ends(shown, shown[0].read_text())
    near.send(b"OPTIONS sip:x SIP/2.0\r\n")
    near.send(b"\r\n")
    assert carried(near, far) == b"OPTIONS sip:x SIP/2.0\r\n\r\n"
    assert near.is_open and far.is_open
    far.send(b"200")
    assert near.received(far.take()) == b"200"


def test_bytes_one_by_one_mean_the_same(shown):
    near, far = ends(shown, shown[0].read_text())
    near.send(b"INVITE")
    heard = b""
    while out := near.take():
        for byte in out:
            heard += far.received(bytes([byte]))
        for byte in far.take():
            near.received(bytes([byte]))
    assert heard == b"INVITE"


def test_who_is_vouched_for_by_nobody_is_not_believed(shown):
    near, far = ends(shown, "")
    near.send(b"INVITE with a secret")
    with pytest.raises(TlsFailure, match="certificate"):
        carried(near, far)
    assert not near.is_open


def test_who_is_vouched_for_by_the_machines_store_is_believed(shown, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(shown[0]))
    near, far = ends(shown, "")
    near.send(b"INVITE")
    assert carried(near, far) == b"INVITE"


@pytest.mark.rfc("5922", "7.1")
def test_a_believed_certificate_of_another_name_is_refused(shown, folder):
    other, key = certificate(folder, "sip.elsewhere.example")
    pin = shown[0].read_text() + other.read_text()
    near, far = ends((other, key), pin)
    with pytest.raises(TlsFailure, match="does not name"):
        carried(near, far)


def test_the_very_certificate_that_is_pinned_needs_no_name(shown):
    near, far = ends(shown, shown[0].read_text(), name="192.0.2.7")
    near.send(b"x")
    assert carried(near, far) == b"x"


def test_a_peer_that_speaks_plainly_is_a_failure_and_no_crash(shown):
    _, far = ends(shown, "")
    with pytest.raises(TlsFailure):
        far.received(b"REGISTER sip:box SIP/2.0\r\n\r\n")


@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_a_failure_or_wait_for_more(shown, garbage):
    _, far = ends(shown, "")
    try:
        assert far.received(garbage) == b""
    except TlsFailure:
        assert not far.is_open


def test_a_useless_certificate_leaves_the_old_one(shown, folder):
    security = Security()
    security.load(*shown)
    bad = folder / "bad.pem"
    bad.write_text("nothing")
    with pytest.raises(EquipmentError):
        security.load(bad, bad)
    assert security.is_ready


def names(*pairs):
    return {"subjectAltName": pairs}


@pytest.mark.rfc("5922", "7.1")
def test_whose_certificate_it_is():
    assert is_named(names(("DNS", "Carrier.Example")), "carrier.example")
    assert is_named(names(("URI", "sip:carrier.example"), ("DNS", "host1")), "carrier.example")
    assert not is_named(names(("URI", "sip:carrier.example"), ("DNS", "host1")), "host1")
    assert is_named(names(("URI", "sip:someone@carrier.example"), ("DNS", "host1")), "host1")
    assert is_named(names(("DNS", "*.carrier.example")), "a.carrier.example")
    assert not is_named(names(("DNS", "*.carrier.example")), "a.b.carrier.example")
    assert not is_named(names(("DNS", "*.example")), "carrier.example.evil")
    assert not is_named(names(("DNS", "*.example")), "example")
    assert is_named(names(("IP Address", "2001:DB8:0:0:0:0:0:1")), "2001:db8::1")
    assert not is_named(names(("DNS", "192.0.2.1")), "192.0.2.1")
    assert not is_named({}, "carrier.example")


# --- the box's own ---
def test_the_box_makes_its_certificate_once_and_renews_it_in_time(tmp_path):
    paths = Paths(tmp_path)
    first = certificates.made_ready(paths, ("box", "192.0.2.2"), NOW)
    content = Path(first.certificate).read_bytes()
    assert certificates.made_ready(paths, ("box",), NOW) == first
    assert Path(first.certificate).read_bytes() == content
    authority = (paths.certificates / "authority.pem").read_bytes()
    certificates.made_ready(paths, ("box", "192.0.2.3"), NOW)
    moved = Path(first.certificate).read_bytes()
    assert moved != content
    later = datetime(2029, 1, 1, tzinfo=UTC)
    certificates.made_ready(paths, ("box", "192.0.2.3"), later)
    assert Path(first.certificate).read_bytes() != moved
    assert (paths.certificates / "authority.pem").read_bytes() == authority
    assert certificates.ends_at(Path(first.certificate)) > later


def test_keys_are_for_the_box_alone(tmp_path):
    certificates.made_ready(Paths(tmp_path), ("box",), NOW)
    for file in (tmp_path / "certificates").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_certificate_of_the_owners_is_used_and_never_touched(tmp_path, shown):
    paths = Paths(tmp_path)
    certificates.made_ready(paths, ("box",), NOW)
    for source, name in zip(shown, ("own.pem", "own.key"), strict=True):
        (paths.certificates / name).write_bytes(source.read_bytes())
    served = certificates.made_ready(paths, ("box", "another"), NOW)
    assert served.is_own
    assert Path(served.certificate).read_bytes() == shown[0].read_bytes()


def test_a_box_whose_clock_says_1970_makes_one_that_holds_today(tmp_path):
    served = certificates.made_ready(Paths(tmp_path), ("box",), datetime(1970, 1, 2, tzinfo=UTC))
    assert certificates.ends_at(Path(served.certificate)) > datetime(2026, 1, 1, tzinfo=UTC)


def test_phones_that_trust_the_boxs_authority_believe_it_by_name_and_address(tmp_path):
    served = certificates.made_ready(Paths(tmp_path), ("box.shop", "192.0.2.2", "fd00::2"), NOW)
    authority = (tmp_path / "certificates" / "authority.pem").read_text()
    for name in ("box.shop", "192.0.2.2", "fd00::2"):
        near, far = ends((Path(served.certificate), Path(served.key)), authority, name=name)
        near.send(b"hello")
        assert carried(near, far) == b"hello"
