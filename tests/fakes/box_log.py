"""What a running box has said for the log."""

from pathlib import Path


def times_told(box, words):
    """How often the box's log has these words: up to INFO some tenth of a second late."""
    return Path(box.log.name).read_text(errors="replace").count(words)


def tracebacks(box):
    """What the box's processes said when an exception reached the last guard, or ended them.

    kill -9 leaves none; a process that is started again in a tree which somebody edits does.
    """
    lines = Path(box.log.name).read_text(errors="replace").splitlines()
    found = [at for at, line in enumerate(lines) if "Traceback (most recent call last)" in line]
    return ["\n".join(lines[at : at + 30]) for at in found]
