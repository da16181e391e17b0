"""espeak-ng's Polish IPA in the signs that Kokoro knows, so that its Spanish voice speaks Polish.

Kokoro has no Polish voice; its vocabulary has nearly all of Polish's sounds. What it lacks is
replaced by the nearest that a round trip through recognition understood best (speech.md 2.4).
Input is the output of `espeak-ng -v pl -q --ipa --tie=^`.
"""

import re

_SIGNS = (
    ("t^ʃ", "ʧ"), ("d^ʒ", "ʤ"), ("t^s", "ʦ"), ("d^z", "ʣ"), ("t^ɕ", "ʨ"), ("d^ʑ", "ʥ"),
    ("ʑ", "ʝ"), ("ɨ", "ɪ"), ("ɛ̃", "ɛ"),
)  # fmt: skip
_NASAL_O = re.compile(r"ɔ̃(?=[fvszʃʒɕʝx\W]|$)")


def kokoro_signs(ipa: str) -> str:
    """Return one line of espeak-ng's Polish in Kokoro's signs."""
    for theirs, ours in _SIGNS:
        ipa = ipa.replace(theirs, ours)
    # ą is a diphthong before fricatives and at the end of a word, elsewhere vowel and nasal
    return _NASAL_O.sub("ɔw", ipa).replace("ɔ̃", "ɔm").replace("\n", " ").strip()
