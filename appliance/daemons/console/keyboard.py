"""Keys as a terminal sends them: letters, Esc, and function keys, which are an escape and more.

Function keys follow ECMA-48 §5.4 (CSI, parameters, one last letter) or are `ESC O x`; a Linux
console says `ESC [ [ A` for F1. None of them is a key of the menu, and neither is any part of one.
"""

import re

ESCAPE = "\x1b"
_FUNCTION = re.compile(r"\x1b(?:\[\[[A-E]|\[[0-?]*[ -/]*[@-Z\\-~]|O.|[^\x1b\[O])", re.DOTALL)
_BEGUN = re.compile(r"\x1b(?:\[\[?[0-?]*[ -/]*|O)\Z")
LONGEST = 32
"""No key is longer; what has no end is none."""


class Keyboard:
    """What was read of a terminal, taken apart."""

    def __init__(self) -> None:
        self._begun = ""

    def receive(self, text: str) -> str:
        """Return the keys in it. A function key may come in two pieces; an escape alone is Esc."""
        whole = self._begun + text
        self._begun = ""
        begun = _BEGUN.search(whole)
        if begun is not None and len(begun[0]) <= LONGEST:
            whole, self._begun = whole[: begun.start()], begun[0]
        left = _FUNCTION.sub("", whole)
        return left if left.strip(ESCAPE) == "" else left.replace(ESCAPE, "")
