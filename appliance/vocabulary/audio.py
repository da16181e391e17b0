"""What a leg's audio is: protocol-neutral end points, what it hears, what is recorded of it."""

from enum import StrEnum

from appliance.vocabulary.ids import CallId, Instant, LegId, PlayId, PromptHash, RecordingId
from appliance.vocabulary.shape import Value


class Codec(StrEnum):
    """How the samples of a leg are coded on the wire (G.711, 8 kHz)."""

    PCMA = "pcma"
    PCMU = "pcmu"


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
    signalling_address: str = ""
    """IP literal the signalling comes from: the only other source that may be learnt (NAT)."""
    sends: bool = True
    """False while the far end holds us (sendonly/inactive seen from here)."""
    receives: bool = True


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


class Echo(Value, frozen=True, kw_only=True, tag="echo", tag_field="hears"):
    """Its own voice."""


Hears = Silence | Playlist | Tone | PeerAudio | Echo


class Channel(StrEnum):
    """Which side of the stereo recording: outside party (caller) left, our people right."""

    CALLER = "caller"
    AGENT = "agent"


class Track(Value, frozen=True, kw_only=True):
    """What is received from this leg is written to this recording."""

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
