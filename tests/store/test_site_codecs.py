"""Codecs of an extension in the site file, and what becomes of them on the line."""

import pytest

from appliance.lines import usable_codecs
from appliance.lines.sip_phone import SipPhone
from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.lines import PhoneLine
from appliance.vocabulary.settings import Site

TEXT = """\
[[extension]]
number = "201"
codecs = ["opus", "g722", "pcma"]

[[extension]]
number = "202"
"""


def read(text: str) -> Site:
    return read_site(text, "s.toml", before=Site(), random_bytes=bytes)[0]


def codecs_of(site: Site, number: str) -> tuple[Codec, ...]:
    return SipPhone().codecs(PhoneLine(extension=ExtensionNumber(number)), site)


def test_codecs_of_an_extension_are_read_written_and_read_again() -> None:
    site = read(TEXT)
    assert site.extension[0].codecs == (Codec.OPUS, Codec.G722, Codec.PCMA)
    assert site.extension[1].codecs == (Codec.PCMA, Codec.PCMU)
    written = write_site(site)
    assert 'codecs = ["opus", "g722", "pcma"]' in written and written.count("codecs = ") == 1
    assert read(written).extension[0].codecs == site.extension[0].codecs


def test_unknown_codec_is_told_with_what_is_known() -> None:
    with pytest.raises(SiteError) as fault:
        read(TEXT.replace('"opus"', '"amr"'))
    assert "pcma, pcmu, g722, opus" in str(fault.value)


def test_machine_without_libopus_offers_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    site = read(TEXT)
    for is_there, expected in (
        (True, (Codec.OPUS, Codec.G722, Codec.PCMA)),
        (False, (Codec.G722, Codec.PCMA)),
    ):
        monkeypatch.setattr(usable_codecs, "is_available", lambda found=is_there: found)
        assert codecs_of(site, "201") == expected
        assert codecs_of(site, "202") == codecs_of(site, "999") == (Codec.PCMA, Codec.PCMU)
    assert usable_codecs.if_nothing_else((Codec.PCMA,)) == (Codec.G722,)
    assert usable_codecs.usable((Codec.OPUS,)) == (Codec.PCMA, Codec.PCMU)
