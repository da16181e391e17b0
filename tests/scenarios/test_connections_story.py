"""Which way a leg is connected stands in the ledger, the record, the timeline and on the page."""

import msgspec
from shop import FAR

from appliance.reports.names import names_of
from appliance.reports.record import record_of
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.vocabulary.audio import SrtpKeys
from appliance.vocabulary.events import (
    LegAnswered,
    LegAudioMoved,
    LegOffered,
    PhoneRegistered,
)
from appliance.vocabulary.facts_legs import LegConnected
from appliance.vocabulary.lines import Party, PhoneLine, TrunkLine
from appliance.vocabulary.settings import Language

KEYS = SrtpKeys(suite="AEAD_AES_128_GCM", ours="b3Vycw==", theirs="dGhlaXJz")
SECURE = msgspec.structs.replace(FAR, keys=KEYS)


def talk(shop, *, far=SECURE, called_far=FAR):
    """8001, over TLS and encrypted, talks with 8002, over UDP and in the clear."""
    leg = "secure"
    shop.legs[leg] = "offered"
    shop.tell(
        LegOffered(
            leg=leg,
            line=PhoneLine(extension="8001"),
            caller=Party(number="8001"),
            called="8002",
            audio=far,
            transport="tls",
        )
    )
    other = shop.ringing_leg("8002")
    shop.legs[other] = "answered"
    shop.tell(LegAnswered(leg=other, audio=called_far, transport="udp"))
    return leg, other


def told(shop):
    return [(one.extension, one.transport, one.is_encrypted) for one in shop.facts(LegConnected)]


def entries(shop):
    call = shop.board.live().calls[0].call
    return [entry for entry in shop.entries if entry.call == call]


def _timeline(shop):
    return timeline_of(entries(shop), names_of(shop.site))


def test_each_leg_says_once_how_it_is_connected(shop):
    leg, other = talk(shop)
    shop.advance(5)
    assert sorted(told(shop)) == [("8001", "tls", True), ("8002", "udp", False)]
    legs = {one.extension: one for one in shop.board.live().calls[0].legs}
    assert (legs["8001"].transport, legs["8001"].is_encrypted) == ("tls", True)
    assert (legs["8002"].transport, legs["8002"].is_encrypted) == ("udp", False)
    assert {one.leg for one in legs.values()} == {leg, other}


def test_the_record_and_the_timeline_say_it_in_words(shop):
    leg, _ = talk(shop)
    record = record_of(entries(shop))
    (first,) = [one for one in record.connections if one.leg == leg]
    assert (first.extension, first.transport, first.is_encrypted) == ("8001", "tls", True)
    lines = _timeline(shop)
    said = {
        language: [
            sentence(line, words_for(language)) for line in lines if line.kind == "LegConnected"
        ]
        for language in Language
    }
    assert "8001 is connected by TLS, its sound is encrypted" in said[Language.EN]
    assert "8002 is connected by UDP, its sound is not encrypted" in said[Language.EN]
    assert "8001：信令 TLS，语音已加密" in said[Language.ZH]
    assert "8002: sygnalizacja UDP, dźwięk nieszyfrowany" in said[Language.PL]


def test_who_encrypts_in_mid_talk_is_told_again_and_only_then(shop):
    _, other = talk(shop)
    shop.tell(LegAudioMoved(leg=other, audio=msgspec.structs.replace(FAR, port=40002)))
    assert len(told(shop)) == 2
    shop.tell(LegAudioMoved(leg=other, audio=SECURE))
    assert told(shop)[-1] == ("8002", "udp", True) and len(told(shop)) == 3
    shown = [(one.extension, one.is_encrypted) for one in record_of(entries(shop)).connections]
    assert sorted(shown) == [("8001", True), ("8002", True)]


def test_a_caller_from_outside_is_the_caller(shop):
    shop.legs["sip"] = "offered"
    shop.tell(
        LegOffered(
            leg="sip", line=TrunkLine(trunk="carrier"), audio=FAR,
            caller=Party(number="13900002222"), called="02188886666", transport="udp",
        )
    )  # fmt: skip
    (fact,) = shop.facts(LegConnected)
    assert (fact.extension, fact.number, fact.transport) == (None, "", "udp")
    (line,) = [one for one in _timeline(shop) if one.kind == "LegConnected"]
    assert sentence(line, words_for(Language.EN)).startswith("13900002222 is connected by UDP")


def test_a_line_that_says_nothing_is_not_told_of(shop):
    shop.call_in()
    assert not told(shop)


def test_phones_say_what_they_are_registered_over(shop):
    shop.tell(PhoneRegistered(extension="8001", where="192.0.2.1:5061", transport="tls"))
    lines = {one.name: one for one in shop.board.live().lines}
    assert lines["8001"].transport == "tls"
    shop.killed()
    lines = {one.name: one for one in shop.board.live().lines}
    assert lines["8001"].transport == "tls", "a kill forgets nothing"
