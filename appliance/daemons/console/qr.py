"""A QR code as lines of text: two modules a character, by half blocks.

█ ▀ ▄ and the space are in every console font of a PC (code page 437), so that a bare screen can
show it. Drawn light on dark, with a light margin of two modules, which scanners accept on a screen.
"""

import segno

MARGIN = 2
LIGHT_BOTH, LIGHT_UPPER, LIGHT_LOWER, DARK_BOTH = "█", "▀", "▄", " "


def qr_lines(text: str) -> list[str]:
    """Return the code of a text, all lines equally long (33 to 41 columns for an address)."""
    code = segno.make(text, error="l", micro=False, boost_error=False)
    rows = [[not dark for dark in row] for row in code.matrix_iter(border=MARGIN)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_character(upper, lower) for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


def _character(is_upper_light: bool, is_lower_light: bool) -> str:
    if is_upper_light:
        return LIGHT_BOTH if is_lower_light else LIGHT_UPPER
    return LIGHT_LOWER if is_lower_light else DARK_BOTH
