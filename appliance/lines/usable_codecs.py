"""Which of the codecs that a site lists this machine can speak."""

from appliance.signals.libopus import is_available
from appliance.vocabulary.audio import Codec

TELEPHONE = (Codec.PCMA, Codec.PCMU)
"""What every line speaks; A-law first, the trunk's codec in most of the world (china.md)."""


def usable(listed: tuple[Codec, ...]) -> tuple[Codec, ...]:
    """Return them in their order, without Opus where there is no library; never nothing."""
    return tuple(one for one in listed if one is not Codec.OPUS or is_available()) or TELEPHONE


def if_nothing_else(listed: tuple[Codec, ...]) -> tuple[Codec, ...]:
    """Return what is taken from a phone that offers nothing of `listed`: cheapest first."""
    return tuple(one for one in usable((Codec.G722, Codec.OPUS)) if one not in listed)
