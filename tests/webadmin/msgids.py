"""Every text of the pages that wants a translation, taken from templates and code."""

from pathlib import Path

from babel.messages.extract import extract_from_dir

import webadmin

ROOT = Path(webadmin.__file__).parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "say": None,
    "mark": None,
}
OPTIONS = {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}


def msgids() -> dict[str | tuple[str, ...], str]:
    """Return each text (or pair of singular and plural) and where it stands."""
    found: dict[str | tuple[str, ...], str] = {}
    rows = extract_from_dir(
        str(ROOT),
        METHODS,
        options_map={"**.html": OPTIONS},
        keywords=KEYWORDS,
    )
    for file, line, message, _, _ in rows:
        key = message if isinstance(message, str) else tuple(message)
        found.setdefault(key, f"{file}:{line}")
    return found
