"""Offer and answer: what two sides agree to say to each other (RFC 3264, 3551, 4733).

In terms of the vocabulary: a description from the far side becomes a FarEnd (or None when there is
no stream in common), and our own descriptions are made from a port and a FarEnd. Nothing here knows
a call; the caller keeps `sdp_id` and counts `sdp_version` up whenever the content changes (§8).
"""

from appliance.protocols.sip.grammar import is_one_receiver
from appliance.protocols.sip.sdp import Connection, Mapping, MediaDescription, SessionDescription
from appliance.vocabulary.audio import Codec, FarEnd
from appliance.vocabulary.shape import Value

STATIC_PAYLOAD_TYPES = {Codec.PCMU: 0, Codec.PCMA: 8}
"""RFC 3551 §6, table 4: valid with or without an rtpmap."""
DTMF_PAYLOAD_TYPE = 101
"""What we offer for telephone-event: the number that nearly every device uses."""
_PACKET_TIMES_MS = (10, 20, 30)
_ENCODINGS = {"PCMU": Codec.PCMU, "PCMA": Codec.PCMA}
_MIRROR = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly"}
_RTP = ("RTP/AVP", "RTP/AVPF")
_UNSPECIFIED = ("0.0.0.0", "::")


class _Match(Value, frozen=True, kw_only=True):
    """The stream and codec that both sides can do."""

    index: int
    """Which m= line."""
    media: MediaDescription
    connection: Connection
    codec: Codec
    payload_type: int


def far_end(
    description: SessionDescription, allowed: tuple[Codec, ...], signalling_address: str
) -> FarEnd | None:
    """Return the far side's audio from its offer, or None when no stream is in common (488).

    The first codec in the offerer's order that `allowed` names wins (§6.1: the offerer's order is
    its preference). `sends` and `receives` are the far side's, as seen from here.
    """
    match = _match(description, allowed)
    if match is None:
        return None
    direction = description.direction_of(match.media)
    # RFC 2543 holds by the null address; RFC 3264 §8.4 has it understood still: send nothing there
    is_null = match.connection.address in _UNSPECIFIED
    return FarEnd(
        address=match.connection.address,
        port=match.media.port,
        codec=match.codec,
        payload_type=match.payload_type,
        ptime_ms=_packet_time_ms(match.media),
        dtmf_payload_type=_dtmf_payload_type(match.media),
        signalling_address=signalling_address,
        sends=direction in ("sendrecv", "sendonly") and not is_null,
        receives=direction in ("sendrecv", "recvonly") and not is_null,
    )


def far_end_of_answer(
    answer: SessionDescription, offered: tuple[Codec, ...], signalling_address: str
) -> FarEnd | None:
    """Return the far side's audio from its answer to our offer, or None when it refused it.

    Only what we offered can be answered, so the same reading applies: its first codec is the one
    that it wants to be sent (§7).
    """
    return far_end(answer, offered, signalling_address)


def is_hold(far: FarEnd) -> bool:
    """Say whether the far side has put us on hold: it does not want to hear us (§8.4)."""
    return not far.receives


def offer_bytes(  # noqa: PLR0913 - what a description is made of
    codecs: tuple[Codec, ...], near_address: str, near_port: int, sdp_id: int, sdp_version: int,
    ptime_ms: int = 20, *, direction: str = "sendrecv",
) -> bytes:  # fmt: skip
    """Return an offer of one audio stream: codecs in the order given, and telephone-event."""
    payload_types = {codec: STATIC_PAYLOAD_TYPES[codec] for codec in codecs}
    stream = _audio_stream(near_port, payload_types, DTMF_PAYLOAD_TYPE, ptime_ms, direction)
    return _described(near_address, sdp_id, sdp_version, (stream,))


def answer_bytes(  # noqa: PLR0913 - what a description is made of
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
        streams.append(
            _audio_stream(
                near_port, codecs, far.dtmf_payload_type, far.ptime_ms, direction, media.protocol
            )
        )
    return _described(near_address, sdp_id, sdp_version, tuple(streams), offer.times)


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
        mappings = media.mappings
        for text in media.formats:
            payload_type = _payload_type(text)
            codec = None if payload_type is None else _codec(payload_type, mappings)
            if payload_type is not None and codec is not None and codec in allowed:
                return _Match(
                    index=index,
                    media=media,
                    connection=connection,
                    codec=codec,
                    payload_type=payload_type,
                )
    return None


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
    if mapping.clock_rate != 8000 or mapping.channels != 1:
        return None
    return _ENCODINGS.get(mapping.encoding)


def _dtmf_payload_type(media: MediaDescription) -> int | None:
    """Return the payload type of telephone-event at 8 kHz (RFC 4733 §7.1.1), if it is listed."""
    mappings = media.mappings
    for text in media.formats:
        payload_type = _payload_type(text)
        if payload_type is None:
            continue
        mapping = mappings.get(payload_type)
        if mapping and mapping.encoding == "TELEPHONE-EVENT" and mapping.clock_rate == 8000:
            return payload_type
    return None


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
    port: int, codecs: dict[Codec, int], dtmf_payload_type: int | None, ptime_ms: int,
    direction: str, protocol: str = "RTP/AVP",
) -> MediaDescription:  # fmt: skip
    """Make our m=audio block."""
    attributes: list[tuple[str, str | None]] = [
        ("rtpmap", f"{number} {codec.value.upper()}/8000") for codec, number in codecs.items()
    ]
    formats = [str(number) for number in codecs.values()]
    if dtmf_payload_type is not None:
        formats.append(str(dtmf_payload_type))
        attributes.append(("rtpmap", f"{dtmf_payload_type} telephone-event/8000"))
        attributes.append(("fmtp", f"{dtmf_payload_type} 0-15"))
    attributes += [("ptime", str(ptime_ms)), (direction, None)]
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
