"""How a leg is connected: its signalling's transport, and whether its sound is encrypted.

Told once, when the leg is answered and its far end known, and again when that has changed.
"""

from appliance.engines.calls.state import LegPhase, LegState
from appliance.vocabulary.facts_legs import LegConnected
from appliance.vocabulary.lines import TrunkLine


def is_encrypted(leg: LegState) -> bool:
    """Say whether the sound of this leg is (SRTP)."""
    return leg.far is not None and leg.far.keys is not None


def news_of(leg: LegState) -> LegConnected | None:
    """Return what is to be told of the leg now; None: it was told, or is not known yet.

    A far end that takes no sound is one on hold, or one that has not described itself yet.
    """
    if leg.phase is not LegPhase.ANSWERED or not leg.transport:
        return None
    if leg.far is None or not leg.far.receives:
        return None
    way = f"{leg.transport} {is_encrypted(leg)}"
    if leg.told_as == way:
        return None
    leg.told_as = way
    return LegConnected(
        transport=leg.transport,
        is_encrypted=is_encrypted(leg),
        extension=leg.extension,
        number="" if leg.extension is not None else leg.number,
        trunk=leg.line.trunk if leg.number and isinstance(leg.line, TrunkLine) else None,
    )
