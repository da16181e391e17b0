"""Whose packets a leg takes: the answer to RTP bleed and injection.

Theory of operation. A port is *open to* the address in the session description and, for phones
behind NAT, to the address that the signalling comes from; to nobody else, ever. The first sound
packet from one of them *locks* the leg to its address and port (and, in `intake`, to its SSRC).
A leg locked by way of the signalling address was learnt: audio goes back there. During its first
five packets the described address may still take it over, for that is what the far end asked
for. Nothing else moves a lock until the far end is set anew (a re-INVITE), or is told as lost.

Lost: a NAT that forgot a phone in mid-call gives it another port, and the re-INVITE that asks
whether the phone lives is answered with the same description, which sets nothing anew; the phone
would never be heard again. So after 20 s of silence a sound packet may lock the leg anew, though
from the very same two addresses only. While the far end is heard nobody can take its place, nor
can a stranger afterwards. Until then audio goes where it went: a muted phone still listens.

Until a source is learnt audio is sent to the described address: two sides that each wait for the
other's first packet would both wait for ever. But not while the far end is not *proven*: a call
with a forged source could have the box send prompts to anybody. Then its audio is withheld, and
what is to be played to it waits, until it is proven or sound has come from it.
"""

from typing import Final

import msgspec

from appliance.engines.media.legs import Leg, Source
from appliance.vocabulary.audio import FarEnd, LegAudio

LEARNING_PACKETS: Final = 5
_MAPPED: Final = "::ffff:"


def plain_source(source: tuple[str, int] | tuple[str, int, int, int]) -> Source:
    """Return address and port, IPv4 in IPv6 (RFC 4291 §2.5.5.2) as IPv4."""
    return source[0].removeprefix(_MAPPED), source[1]


def may_lock(leg: Leg, source: Source, packets_since_lock: int) -> bool:
    """Say whether a sound packet from `source` may become the leg's lock now."""
    far = leg.audio.far if leg.audio else None
    if far is None:
        # Nobody has said yet where this leg's audio comes from: then it comes from nobody.
        return False
    if leg.source is None or leg.is_lost:
        return source[0] == far.address or source[0] == far.signalling_address
    is_learning = leg.is_learnt and packets_since_lock < LEARNING_PACKETS
    return is_learning and source[0] == far.address


def lock(leg: Leg, source: Source) -> None:
    """From now on only `source` is heard."""
    far = leg.audio.far if leg.audio else None
    leg.source, leg.is_lost = source, False
    leg.is_learnt = far is not None and source[0] != far.address


def unlock(leg: Leg) -> None:
    """The far end was set anew: it may come from elsewhere."""
    leg.source, leg.is_learnt, leg.is_lost = None, False, False


def is_withheld(leg: Leg, far: FarEnd | None) -> bool:
    """Say whether nothing may be sent to this leg yet."""
    return far is not None and not far.is_proven and leg.source is None


def has_moved(before: LegAudio | None, audio: LegAudio) -> bool:
    """Say whether the far end was set anew; one that was proven meanwhile stays where it is."""
    if before is None or before.far is None or audio.far is None:
        return before is None or before.far != audio.far
    return msgspec.structs.replace(before.far, is_proven=audio.far.is_proven) != audio.far


def target(leg: Leg, far: FarEnd) -> Source | None:
    """Return where audio towards the far end is sent; None: nowhere yet."""
    if leg.is_learnt and leg.source is not None:
        return leg.source
    return None if is_withheld(leg, far) else (far.address, far.port)
