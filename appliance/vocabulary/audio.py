"""What a leg's audio is: protocol-neutral end points, what it hears, what is recorded of it."""

from enum import StrEnum

from appliance.vocabulary.ids import CallId, Instant, LegId, PlayId, PromptHash, RecordingId
from appliance.vocabulary.shape import Value


class Codec(StrEnum):
    """How the samples of a leg are coded on the wire. Inside the box: G.711, 8 kHz."""

    PCMA = "pcma"
    PCMU = "pcmu"
    G722 = "g722"
    """ITU-T G.722, 64 kbit/s; RTP clock 8000 by history (RFC 3551 section 4.5.2), 16 kHz audio."""
    OPUS = "opus"
    """RFC 6716 and 7587; RTP clock 48000."""


class SrtpKeys(Value, frozen=True, kw_only=True):
    """One direction pair of SDES keys (RFC 4568), agreed in offer and answer. Never logged."""

    suite: str
    """AES_CM_128_HMAC_SHA1_80 or _32, AEAD_AES_128_GCM."""
    ours: str
    """base64 of key and salt that we encrypt with."""
    theirs: str
    """base64 of key and salt that the far end encrypts with."""


class FarEnd(Value, frozen=True, kw_only=True):
    """Where the other side wants its audio, and in which form, after offer and answer."""

    address: str
    """IP literal, from the session description."""
    port: int
    """1..65535; 0 is never stored here (a refused stream is no FarEnd)."""
    codec: Codec
    payload_type: int
    ptime_ms: int = 20
    """How much audio a packet towards it carries: 10, 20 or 30."""
    dtmf_payload_type: int | None = None
    """RFC 4733 telephone-event, where negotiated."""
    takes_keys_by_signalling: bool = False
    """Keys for it go by signalling (SIP INFO), which the worker has no part in: no tones either."""
    dtmf_clock_rate: int = 8000
    """What its timestamps and durations count in: 8000, or 48000 beside Opus."""
    signalling_address: str = ""
    """IP literal the signalling comes from: the only other source that may be learnt (NAT)."""
    sends: bool = True
    """False while the far end holds us (sendonly/inactive seen from here)."""
    receives: bool = True
    comfort_noise_payload_type: int | None = None
    """RFC 3389, where negotiated."""
    rtcp_port: int | None = None
    """Where its RTCP goes; None: port + 1 (RFC 3550); equal to `port`: multiplexed (RFC 5761)."""
    keys: SrtpKeys | None = None
    """SRTP both ways; None: plain RTP."""
    is_proven: bool = True
    """False: who names this address may have forged where he signals from. Nothing is sent there
    until sound has come from it, or the signalling has shown that an answer reached him."""


class Silence(Value, frozen=True, kw_only=True, tag="silence", tag_field="hears"):
    """Nothing is sent (no packets at all), digits are still heard."""


class Playlist(Value, frozen=True, kw_only=True, tag="playlist", tag_field="hears"):
    """Prompts in order; then PlayEnded, and silence until told otherwise."""

    play: PlayId
    prompts: tuple[PromptHash, ...]
    since: Instant
    """When it began; a restarted media worker goes on from here."""
    loop: bool = False
    """Music: begins again for ever, never sends PlayEnded."""
    stop_on_digit: bool = False
    """A key stops it at once in the media worker itself (<= 200 ms); PlayEnded says so."""


class Tone(Value, frozen=True, kw_only=True, tag="tone", tag_field="hears"):
    """A call-progress tone of a country: dial, ringback, busy, congestion, beep."""

    play: PlayId
    name: str
    country: str
    since: Instant
    duration_ms: int | None = None
    """Then PlayEnded; None goes on."""


class PeerAudio(Value, frozen=True, kw_only=True, tag="peer", tag_field="hears"):
    """What another leg on the same worker says."""

    leg: LegId


class Mix(Value, frozen=True, kw_only=True, tag="mix", tag_field="hears"):
    """The sum of what these legs of the same worker say: conference, whisper, barge."""

    legs: tuple[LegId, ...]


class Echo(Value, frozen=True, kw_only=True, tag="echo", tag_field="hears"):
    """Its own voice."""


Hears = Silence | Playlist | Tone | PeerAudio | Mix | Echo


class Channel(StrEnum):
    """Which side of the stereo recording: outside party (caller) left, our people right."""

    CALLER = "caller"
    AGENT = "agent"


class Track(Value, frozen=True, kw_only=True):
    """What is received from this leg is written to this recording. Several legs may write to one
    channel (conference, barge): the file has their sum."""

    recording: RecordingId
    channel: Channel


class LegAudio(Value, frozen=True, kw_only=True):
    """The wished-for state of one leg's audio. Whole, idempotent: higher version replaces."""

    leg: LegId
    call: CallId
    version: int
    far: FarEnd | None = None
    """None until the far end is known: receive (digits) but send nothing."""
    hears: Hears = Silence()
    track: Track | None = None
    hears_inband_digits: bool = True
    """Look for DTMF tones; switched off where RFC 4733 was negotiated and heard."""
    watch_for_loss: bool = True
    """Send AudioLost when nothing comes in for long while the far end should be sending."""
    quiet_after: float | None = None
    """Send FarEndQuiet once nobody has spoken there for so many seconds."""
    is_masked: bool = False
    """The track goes on with silence (card numbers are being said)."""
    wants_relayed_digits: bool = True
    """Keys of the leg that it hears are sent on to it in the form that its far end speaks."""


class Quality(Value, frozen=True, kw_only=True):
    """What a leg's audio was like, from its first packet to now (RFC 3550; MOS: ITU-T G.107)."""

    codec: Codec
    packets: int
    lost: int
    jitter_ms: float
    round_trip_ms: float | None = None
    far_lost: int | None = None
    mos: float
