"""Where each table and key of a TOML text begins: line numbers for people who made a mistake.

The standard library's parser tells values but not places. This follows the structure of TOML 1.0
only as far as it must: headers, keys, strings and brackets that run over several lines.
"""

import json

Path = tuple[str | int, ...]
"""("queue", 0, "agents"): the first [[queue]], its key `agents`. Positions count from 0."""


def lines_of(text: str) -> dict[Path, int]:
    """Return the line (from 1) of each table header and key of a text that is valid TOML."""
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    lines = text.splitlines()
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        number = place + 1
        place += 1
        if not line or line.startswith("#"):
            continue
        if line.startswith("[["):
            names = _placed(_names(line[2:]), counts)
            count = counts.get(names, -1) + 1
            counts[names] = count
            found.setdefault(names, number)
            table = (*names, count)
            found[table] = number
        elif line.startswith("["):
            table = _placed(_names(line[1:]), counts)
            found.setdefault(table, number)
        else:
            names = _names(line)
            found.setdefault((*table, *names), number)
            place += _lines_after(lines, place - 1)
    return found


def line_of(path: Path, lines: dict[Path, int]) -> int | None:
    """Return the line of the path, or of the nearest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _placed(names: Path, counts: dict[Path, int]) -> Path:
    """[flow.node.menu] belongs to the last [[flow]]: put its position in."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, *names[-1:])


def _names(text: str) -> Path:
    """Read a dotted key, up to "=" or "]"."""
    names: list[str | int] = []
    rest = text.lstrip()
    while rest:
        if rest[0] in "\"'":
            end = _string_end(rest, 0)
            name = rest[:end]
            names.append(_unquoted(name))
            rest = rest[end:].lstrip()
        else:
            length = next((at for at, char in enumerate(rest) if char in ".=] \t"), len(rest))
            names.append(rest[:length])
            rest = rest[length:].lstrip()
        if not rest.startswith("."):
            break
        rest = rest[1:].lstrip()
    return tuple(names)


def _unquoted(name: str) -> str:
    if name[:1] == "'":
        return name[1:-1]
    try:
        return str(json.loads(name))
    except ValueError:
        return name[1:-1]


def _lines_after(lines: list[str], place: int) -> int:
    """Return how many lines more the value takes whose key stands in line `place`."""
    text = "\n".join(lines[place:])
    at, depth = 0, 0
    while at < len(text):
        char = text[at]
        if char in "\"'":
            at = _string_end(text, at)
            continue
        if char == "#":
            at = _line_end(text, at)
            continue
        if char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        elif char == "\n" and depth <= 0:
            break
        at += 1
    return text[:at].count("\n")


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _string_end(text: str, at: int) -> int:
    """Return where the string that begins at `at` is over."""
    quote = text[at]
    mark = quote * 3 if text.startswith(quote * 3, at) else quote
    here = at + len(mark)
    while here < len(text):
        if text[here] == "\\" and quote == '"':
            here += 2
        elif text.startswith(mark, here):
            here += len(mark)
            # """" at the end: up to two quotes of the text itself stand before the mark.
            while len(mark) == 3 and text.startswith(quote, here):
                here += 1
            return here
        else:
            here += 1
    return len(text)
