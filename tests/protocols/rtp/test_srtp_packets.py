"""SRTP against the vectors that the standards print, and against what may come over a network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.rtp.srtp import Cipher, Replays, derived, index_of
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.srtp_suites import SUITES

RTP = bytes.fromhex("8008 1234 00001f40 cafebabe".replace(" ", "")) + bytes(range(160))
RTCP = bytes.fromhex("80c80006 11223344") + bytes(20)


def cipher(name, seed=7):
    suite = SUITES[name]
    return Cipher(suite, bytes((seed + n) & 0xFF for n in range(16 + suite.salt)))


@pytest.mark.rfc("3711", "B.3")
def test_the_key_derivation_of_the_standard():
    master = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139" + "0EC675AD498AFEEBB6960B3AABE6")
    assert derived(master, 0, 16).hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert derived(master, 2, 14).hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
    assert derived(master, 1, 20).hex().upper().startswith("CEBE321F6FF7716B6FD4AB49AF256A15")


@pytest.mark.rfc("3711", "4.1.1")
@pytest.mark.parametrize("name", SUITES)
@given(speech=st.binary(max_size=400), index=st.integers(0, (1 << 48) - 1))
def test_what_is_sealed_is_opened_again(name, speech, index):
    packet = RTP[:2] + (index & 0xFFFF).to_bytes(2, "big") + RTP[4:12] + speech
    sealed = cipher(name).seal(packet, index)
    assert len(sealed) == len(packet) + SUITES[name].tag
    assert sealed[:12] == packet[:12]
    assert cipher(name).open(sealed, index) == packet


@pytest.mark.rfc("3711", "4.2")
@pytest.mark.parametrize("name", SUITES)
def test_a_changed_bit_a_wrong_key_or_a_wrong_count_is_refused(name):
    sealed = bytearray(cipher(name).seal(RTP, 0x1234))
    for at in (1, 5, 13, 100, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert cipher(name).open(bytes(changed), 0x1234) is None
    assert cipher(name, seed=8).open(bytes(sealed), 0x1234) is None
    assert cipher(name).open(bytes(sealed), 0x11234) is None


@pytest.mark.parametrize("name", SUITES)
def test_half_packets_are_refused_not_raised(name):
    sealed = cipher(name).seal(RTP, 0x1234)
    for size in range(len(sealed)):
        assert cipher(name).open(sealed[:size], 0x1234) is None
        assert cipher(name).open_rtcp(sealed[:size]) is None


@pytest.mark.rfc("3711", "3.4")
@pytest.mark.parametrize("name", SUITES)
def test_reports_are_sealed_with_keys_of_their_own(name):
    sealed = cipher(name).seal_rtcp(RTCP, 5)
    assert len(sealed) == len(RTCP) + 4 + SUITES[name].rtcp_tag
    assert RTCP[8:] not in sealed
    assert cipher(name).open_rtcp(sealed) == RTCP
    changed = bytearray(sealed)
    changed[9] ^= 1
    assert cipher(name).open_rtcp(bytes(changed)) is None


@pytest.mark.rfc("3711", "3.1")
def test_an_extension_and_other_sources_stay_readable():
    head = bytes.fromhex("9108 0001 00000000 cafebabe 00000001 bede0001 aabbccdd".replace(" ", ""))
    made = cipher("AES_CM_128_HMAC_SHA1_80")
    plain_head = RTP[:12]
    # Sealed by hand of the two parts: the cipher itself seals plain headers only.
    part = made._rtp
    sealed = part.seal(head, b"speech", 0xCAFEBABE, 1, 0)
    assert made.open(sealed, 1) == head + b"speech"
    assert plain_head[0] == 0x80


@pytest.mark.rfc("7714", "16")
def test_the_aead_vector_of_the_standard():
    """RFC 7714 section 16.1.1, whose session key and salt are given, not derived."""
    from appliance.protocols.rtp.srtp import _Gcm

    part = _Gcm(bytes(range(16)), bytes.fromhex("517569642070726f2071756f"))
    head = bytes.fromhex("8040f17b8041f8d35501a0b2")
    speech = bytes.fromhex(
        "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573"
    )
    sealed = part.seal(head, speech, 0x5501A0B2, 0xF17B, 0)
    assert sealed.hex() == (
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"
    )


@pytest.mark.rfc("3711", "3.3.1")
@pytest.mark.parametrize(
    ("sequence", "last", "index"),
    [
        (5, None, 5),
        (6, 5, 6),
        (4, 5, 4),
        (0, 0xFFFF, 0x10000),
        (0xFFFF, 0x10000, 0xFFFF),
        (2, 0x3FFFE, 0x40002),
        (0xFFFE, 0x40001, 0x3FFFE),
        (0xFFFF, 3, 0xFFFF),
    ],
)
def test_the_rollover_count_is_guessed_from_the_last_packet(sequence, last, index):
    assert index_of(sequence, last) == index


@pytest.mark.rfc("3711", "3.3.2")
def test_a_packet_that_comes_again_is_told():
    seen = Replays()
    for index in (10, 12, 11, 75, 76):
        assert seen.is_fresh(index)
        seen.note(index)
        assert not seen.is_fresh(index)
    assert not seen.is_fresh(12)  # 64 behind: too old to know
    assert seen.is_fresh(13)
    assert seen.is_fresh(1000)


def test_a_key_of_another_length_is_refused():
    with pytest.raises(PeerError):
        Cipher(SUITES["AES_CM_128_HMAC_SHA1_80"], bytes(29))
