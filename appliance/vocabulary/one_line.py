"""Text of strangers on a terminal and in a log: one line of it stays one line, and moves nothing.

A caller's name, a User-Agent or a path may hold line ends (a log line that nobody wrote), escape
sequences (ECMA-48 §5.4: they clear the screen and set the window's title) or overrides of the
writing direction (Unicode's UAX #9: 1005 reads as 5001). Shown are their names in Python's form.
"""

import logging

LOG_LINE = "%(levelname)s %(name)s: %(message)s"


def one_line(text: str) -> str:
    """Return text with all that is not printable escaped.

    >>> one_line("王芳\\x1b[2J")
    '王芳\\\\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


class OneLineForm(logging.Formatter):
    """A log's lines: what strangers say in them begins no other. Tracebacks stay as they are."""

    def __init__(self, form: str = LOG_LINE) -> None:
        super().__init__(form)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line without its traceback (logging's own door and name)."""
        return one_line(super().formatMessage(record))


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
