"""Offer and answer: what two sides agree to say to each other (RFC 3264, 3551, 4733).

In terms of the vocabulary: a description from the far side becomes a FarEnd (or None when there is
no stream in common), and our own descriptions are made from a port and a FarEnd. Nothing here knows
a call; the caller keeps `sdp_id` and counts `sdp_version` up whenever the content changes (§8).
"""

from appliance.protocols.sip import sdes
from appliance.protocols.sip.flow import plain_address
from appliance.protocols.sip.grammar import is_one_receiver
from appliance.protocols.sip.sdp import Connection, Mapping, MediaDescription, SessionDescription
from appliance.vocabulary.audio import Codec, FarEnd, SrtpKeys
from appliance.vocabulary.shape import Value

STATIC_PAYLOAD_TYPES = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.G722: 9}
"""RFC 3551 §6, table 4: valid with or without an rtpmap."""
OFFERED_PAYLOAD_TYPES = {**STATIC_PAYLOAD_TYPES, Codec.OPUS: 107}
DTMF_PAYLOAD_TYPE = 101
"""What we offer for telephone-event: the number that nearly every device uses."""
COMFORT_NOISE_PAYLOAD_TYPE = 13
"""RFC 3389 §4: static, beside a codec of 8000 Hz."""
_PACKET_TIMES_MS = (10, 20, 30)
_ENCODINGS = {
    ("PCMU", 8000, 1): Codec.PCMU,
    ("PCMA", 8000, 1): Codec.PCMA,
    ("G722", 8000, 1): Codec.G722,
    ("OPUS", 48000, 2): Codec.OPUS,
}
"""As in an rtpmap. G.722 says 8000 by an old mistake (RFC 3551 §4.5.2), Opus always 48000/2 (RFC
7587 §7), whatever is in it."""
_MAPPINGS = {codec: f"{name}/{clock}" for (name, clock, _), codec in _ENCODINGS.items()} | {
    Codec.OPUS: "opus/48000/2"
}
_OPUS_FORM = "maxplaybackrate=8000;sprop-maxcapturerate=8000;maxaveragebitrate=24000;useinbandfec=1"
"""RFC 7587 §6.1: we hear and say telephone band; more would be thrown away."""
_TELEPHONE = (Codec.PCMA, Codec.PCMU)
_MIRROR = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly"}
_RTP = ("RTP/AVP", "RTP/AVPF", *sdes.SECURE)
_UNSPECIFIED = ("0.0.0.0", "::")


class _Match(Value, frozen=True, kw_only=True):
    """The stream and codec that both sides can do."""

    index: int
    """Which m= line."""
    media: MediaDescription
    connection: Connection
    codec: Codec
    payload_type: int
    crypto: sdes.Crypto | None = None


def far_end(
    description: SessionDescription, allowed: tuple[Codec, ...], signalling_address: str,
    if_nothing_else: tuple[Codec, ...] = (),
) -> FarEnd | None:  # fmt: skip
    """Return the far side's audio from its offer, or None when no stream is in common (488).

    The first codec in the offerer's order that `allowed` names wins (§6.1: the offerer's order is
    its preference); where `allowed` begins with another codec than G.711 its own order does, for
    then the site wants that. `if_nothing_else` are taken from those who offer none of `allowed`.
    `sends` and `receives` are the far side's, as seen from here.
    """
    match = _match(description, allowed) or _match(description, if_nothing_else)
    if match is None:
        return None
    dtmf = _telephone_event(match)
    direction = description.direction_of(match.media)
    # RFC 2543 holds by the null address; RFC 3264 §8.4 has it understood still: send nothing there
    is_null = match.connection.address in _UNSPECIFIED
    return FarEnd(
        address=plain_address(match.connection.address),
        port=match.media.port,
        codec=match.codec,
        payload_type=match.payload_type,
        ptime_ms=_packet_time_ms(match.media),
        dtmf_payload_type=dtmf[0] if dtmf else None,
        dtmf_clock_rate=dtmf[1] if dtmf else 8000,
        signalling_address=signalling_address,
        sends=direction in ("sendrecv", "sendonly") and not is_null,
        receives=direction in ("sendrecv", "recvonly") and not is_null,
        comfort_noise_payload_type=_comfort_noise_payload_type(match),
        rtcp_port=_rtcp_port(match.media),
        keys=_their_keys(match),
    )


def _rtcp_port(media: MediaDescription) -> int | None:
    """Return where its reports go: its own port where it multiplexes (RFC 5761 §5.1.1), what it
    says (RFC 3605), or None for the usual next port."""
    if media.attribute("rtcp-mux") is not None:
        return media.port
    said = (media.attribute("rtcp") or "").split()[:1]
    if said and said[0].isascii() and said[0].isdigit() and len(said[0]) <= 5:
        port = int(said[0])
        return port if 1 <= port <= 65535 else None
    return None


def _their_keys(match: _Match) -> SrtpKeys | None:
    """Return their half; ours is the leg's to put in."""
    if match.crypto is None:
        return None
    return SrtpKeys(suite=match.crypto.suite, ours="", theirs=match.crypto.key)


def far_end_of_answer(
    answer: SessionDescription, offered: tuple[Codec, ...], signalling_address: str
) -> FarEnd | None:
    """Return the far side's audio from its answer to our offer, or None when it refused it.

    Only what we offered can be answered, so the same reading applies: its first codec is the one
    that it wants to be sent (§7).
    """
    return far_end(answer, offered, signalling_address)


def offer_bytes(  # noqa: PLR0913 - what a description is made of
    codecs: tuple[Codec, ...], near_address: str, near_port: int, sdp_id: int, sdp_version: int,
    ptime_ms: int = 20, *, direction: str = "sendrecv", keys: dict[str, str] | None = None,
    has_events: bool = True, has_comfort_noise: bool = False,
) -> bytes:  # fmt: skip
    """Return an offer of one audio stream: codecs in the order given, and telephone-event.

    With `keys` (suite to key) it is SRTP and nothing else; without `has_events` keys are to go
    otherwise. Comfort noise is offered where that is wished and G.711 is among the codecs: who is
    not asked keeps sending.
    """
    payload_types = {codec: OFFERED_PAYLOAD_TYPES[codec] for codec in codecs}
    is_noisy = has_comfort_noise and any(codec in _TELEPHONE for codec in codecs)
    stream = _audio_stream(
        near_port, payload_types, {DTMF_PAYLOAD_TYPE: 8000} if has_events else {}, ptime_ms,
        direction, "RTP/SAVP" if keys else "RTP/AVP",
        COMFORT_NOISE_PAYLOAD_TYPE if is_noisy else None, more=sdes.attributes(keys or {}),
    )  # fmt: skip
    return _described(near_address, sdp_id, sdp_version, (stream,))


def answer_bytes(
    offer: SessionDescription, far: FarEnd, near_address: str, near_port: int, sdp_id: int,
    sdp_version: int,
) -> bytes:  # fmt: skip
    """Return the answer to an offer that `far_end` was read from.

    Every m= line of the offer is answered in its place (§6); those that we do not take, with
    port 0. Our direction mirrors the offer's.
    """
    match = _match(offer, (far.codec,))
    streams: list[MediaDescription] = []
    for index, media in enumerate(offer.media):
        if match is None or index != match.index:
            streams.append(_refused(media))
            continue
        direction = _MIRROR.get(offer.direction_of(media), "inactive")
        codecs = {far.codec: far.payload_type}
        dtmf = far.dtmf_payload_type
        events = {} if dtmf is None else {dtmf: far.dtmf_clock_rate}
        streams.append(
            _audio_stream(
                near_port,
                codecs,
                events,
                far.ptime_ms,
                direction,
                media.protocol,
                far.comfort_noise_payload_type,
                more=_answered_extras(match, far),
            )  # fmt: skip
        )
    return _described(near_address, sdp_id, sdp_version, tuple(streams), offer.times)


def _answered_extras(match: _Match, far: FarEnd) -> list[tuple[str, str | None]]:
    """Return what an answer says besides: our key under their tag (RFC 4568 §5.1.2), and that
    reports come on the same port where they offered that (RFC 5761 §5.1.1)."""
    more: list[tuple[str, str | None]] = []
    if match.crypto is not None and far.keys is not None:
        more.append(sdes.attribute(match.crypto.tag, far.keys.suite, far.keys.ours))
    if match.media.attribute("rtcp-mux") is not None:
        more.append(("rtcp-mux", None))
    return more


def _match(description: SessionDescription, allowed: tuple[Codec, ...]) -> _Match | None:
    """Find the first audio stream with a codec and an address that we can use."""
    for index, media in enumerate(description.media):
        connection = description.connection_of(media)
        if media.kind != "audio" or media.port == 0 or media.protocol.upper() not in _RTP:
            continue
        # a name would have to be asked for, which the loop never does (design/sip.md); a group or
        # broadcast address would have us shout at the whole network
        if connection is None or not is_one_receiver(connection.address):
            continue
        crypto = sdes.chosen(media) if media.protocol.upper() in sdes.SECURE else None
        if crypto is None and media.protocol.upper() in sdes.SECURE:
            continue
        offered = _offered(media)
        wanted = offered if allowed[:1] and allowed[0] in _TELEPHONE else allowed
        for codec in wanted:
            if codec in allowed and codec in offered:
                return _Match(
                    index=index,
                    media=media,
                    connection=connection,
                    codec=codec,
                    payload_type=offered[codec],
                    crypto=crypto,
                )
    return None


def _offered(media: MediaDescription) -> dict[Codec, int]:
    """Return the codecs of ours in a stream, in its order, each with its first payload type."""
    mappings = media.mappings
    found: dict[Codec, int] = {}
    for text in media.formats:
        payload_type = _payload_type(text)
        codec = None if payload_type is None else _codec(payload_type, mappings)
        if payload_type is not None and codec is not None:
            found.setdefault(codec, payload_type)
    return found


def _payload_type(text: str) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 3:
        return None
    number = int(text)
    return number if number <= 127 else None


def _codec(payload_type: int, mappings: dict[int, Mapping]) -> Codec | None:
    """Return the codec of a payload type; an rtpmap says more than the static table."""
    mapping = mappings.get(payload_type)
    if mapping is None:
        for codec, number in STATIC_PAYLOAD_TYPES.items():
            if number == payload_type:
                return codec
        return None
    return _ENCODINGS.get((mapping.encoding, mapping.clock_rate, mapping.channels))


def _telephone_event(match: _Match) -> tuple[int, int] | None:
    """Return payload type and clock rate of telephone-event (RFC 4733 §7.1.1), if it is listed.

    At the clock of the codec, where that is listed (§2.1: one stream has one clock), else 8000.
    """
    wanted = 48000 if match.codec is Codec.OPUS else 8000
    mappings = match.media.mappings
    found: dict[int, int] = {}
    for text in match.media.formats:
        payload_type = _payload_type(text)
        mapping = None if payload_type is None else mappings.get(payload_type)
        if payload_type is not None and mapping and mapping.encoding == "TELEPHONE-EVENT":
            found.setdefault(mapping.clock_rate, payload_type)
    for clock_rate in (wanted, 8000):
        if clock_rate in found:
            return found[clock_rate], clock_rate
    return None


def _comfort_noise_payload_type(match: _Match) -> int | None:
    """Return the payload type of CN (RFC 3389 §4) beside G.711; other codecs have their own."""
    if match.codec not in _TELEPHONE:
        return None
    listed = str(COMFORT_NOISE_PAYLOAD_TYPE) in match.media.formats
    return COMFORT_NOISE_PAYLOAD_TYPE if listed else None


def _packet_time_ms(media: MediaDescription) -> int:
    """Return how much audio a packet to them shall carry: what they wish, within 10, 20, 30 ms."""
    wished = _milliseconds(media.attribute("ptime")) or 20
    most = _milliseconds(media.attribute("maxptime")) or wished
    return max((t for t in _PACKET_TIMES_MS if t <= min(wished, most)), default=10)


def _milliseconds(text: str | None) -> int | None:
    """Return whole milliseconds; some devices write `20.0`. None for what is no such number."""
    whole = (text or "").strip(" \t").partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) <= 4 else None


def _audio_stream(  # noqa: PLR0913 - what an m= block is made of
    port: int, codecs: dict[Codec, int], events: dict[int, int], ptime_ms: int,
    direction: str, protocol: str = "RTP/AVP", comfort_noise: int | None = None, *,
    more: list[tuple[str, str | None]],
) -> MediaDescription:  # fmt: skip
    """Make our m=audio block. `events`: payload type of telephone-event to its clock rate."""
    attributes: list[tuple[str, str | None]] = [
        ("rtpmap", f"{number} {_MAPPINGS[codec]}") for codec, number in codecs.items()
    ]
    formats = [str(number) for number in codecs.values()]
    if Codec.OPUS in codecs:
        attributes.append(("fmtp", f"{codecs[Codec.OPUS]} {_OPUS_FORM}"))
    for number, clock_rate in events.items():
        formats.append(str(number))
        attributes.append(("rtpmap", f"{number} telephone-event/{clock_rate}"))
        attributes.append(("fmtp", f"{number} 0-15"))
    if comfort_noise is not None:
        formats.append(str(comfort_noise))
        attributes.append(("rtpmap", f"{comfort_noise} CN/8000"))
    attributes += [*more, ("ptime", str(ptime_ms)), (direction, None)]
    return MediaDescription(
        kind="audio", port=port, protocol=protocol, formats=tuple(formats),
        attributes=tuple(attributes),
    )  # fmt: skip


def _refused(media: MediaDescription) -> MediaDescription:
    """Answer a stream that we do not take: port 0, and a format since the grammar wants one."""
    return MediaDescription(
        kind=media.kind, port=0, protocol=media.protocol, formats=media.formats[:1] or ("0",)
    )


def _described(
    address: str, sdp_id: int, sdp_version: int, streams: tuple[MediaDescription, ...],
    times: tuple[str, ...] = ("0 0",),
) -> bytes:  # fmt: skip
    """Put our streams under our origin."""
    kind = "IP6" if ":" in address else "IP4"
    return SessionDescription(
        origin=f"linghe {sdp_id} {sdp_version} IN {kind} {address}",
        connection=Connection(address=address, address_type=kind),
        times=times or ("0 0",),
        media=streams,
    ).to_bytes()
