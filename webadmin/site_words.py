"""The site file's own words (strategies, places of an overflow, who wrote it), as pages say them.

English is the very word of the site file; the other languages say what it means.
"""

import re

from webadmin.languages import mark, say

WORDS = {
    "longest-idle": mark("longest-idle"),
    "round-robin": mark("round-robin"),
    "fixed-order": mark("fixed-order"),
    "fewest-calls": mark("fewest-calls"),
    "least-talk": mark("least-talk"),
    "ring-all": mark("ring-all"),
    "random": mark("random"),
    "weighted": mark("weighted"),
    "skills": mark("skills"),
    "last-agent": mark("last-agent"),
    "vip": mark("vip"),
    "hangup": mark("hangup"),
    "voicemail": mark("voicemail"),
    "queue": mark("queue"),
    "flow": mark("flow"),
    "extension": mark("extension"),
    "number": mark("number"),
    "agent": mark("agent"),
    "supervisor": mark("supervisor"),
}
"""What a select of a form can hold: strategies, overflows, roles."""
WRITERS = {
    "command line": mark("command line"),
    "draft": mark("draft"),
    "box": mark("the box"),
    "reset button": mark("reset button"),
    "USB stick": mark("USB stick"),
}
"""Who is named where no user of the pages was at work."""
PLACES = (
    (re.compile(r"flow (?P<flow>\S+), node (?P<node>.+)"), mark("flow %(flow)s, node %(node)s")),
    (re.compile(r"queue (?P<name>.+)"), mark("queue %(name)s")),
    (re.compile(r"voicemail box (?P<name>.+)"), mark("voicemail box %(name)s")),
)


def word(key: str) -> str:
    """Return one of the site file's words in the reader's language; any other as it is."""
    return say(WORDS[key]) if key in WORDS else key


def writer(name: str) -> str:
    """Return who it was: a user as he is called, anything else in the reader's language."""
    return say(WRITERS[name]) if name in WRITERS else name


def place(told: str) -> str:
    """Return where a prompt is said, as speech/named.py tells it, in the reader's language."""
    for shape, text in PLACES:
        found = shape.fullmatch(told)
        if found is not None:
            return say(text, **found.groupdict())
    return told
