"""Pictures of the state machines, drawn from their MOVES tables. Written, never edited.

    .venv/bin/python tests/machines.py        writes docs/machines.md

A module of appliance with a MOVES table is drawn by being there. The table's keys end with state
and input; what stands before them names one machine of several. Its values have `to` and `acts`;
FIRST says where a machine begins; a state from which nothing leads is its end.
"""

import ast
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "machines.md"
COMMAND = ".venv/bin/python tests/machines.py"


def modules() -> list[ModuleType]:
    """Return every module of appliance that has a MOVES table."""
    found = []
    for file in sorted((ROOT / "appliance").rglob("*.py")):
        if has_moves(ast.parse(file.read_text(encoding="utf-8"))):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            found.append(importlib.import_module(name))
    return found


def has_moves(tree: ast.Module) -> bool:
    """Say whether MOVES is assigned at the top of the module."""
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(isinstance(target, ast.Name) and target.id == "MOVES" for target in targets)


def machines_of(moves: Mapping[tuple[object, ...], object]) -> list[tuple[object, ...]]:
    """Return what names each machine of a table, in the table's order."""
    return list(dict.fromkeys(key[:-2] for key in moves))


def label(heard: object, acts: object) -> str:
    """Word one arrow: what is heard / what is done."""
    word = f"timer {heard}" if len(str(heard)) == 1 else str(heard)
    done = ", ".join(str(act) for act in acts) if isinstance(acts, tuple) else ""
    return f"{word} / {done}" if done else word


def picture(module: ModuleType, machine: tuple[object, ...]) -> list[str]:
    """Return one machine as a mermaid state diagram: an arrow a pair of states."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for key, move in module.MOVES.items():
        if key[:-2] == machine:
            pair = (str(key[-2]), str(move.to))
            arrows.setdefault(pair, []).append(label(key[-1], move.acts))
    first = module.FIRST[machine[0] if len(machine) == 1 else machine]
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {come} --> {go}: {'<br>'.join(words)}" for (come, go), words in arrows.items()]
    ends = dict.fromkeys(go for _, go in arrows if go not in {come for come, _ in arrows})
    return [*lines, *(f"    {end} --> [*]" for end in ends), "```", ""]


def document(found: list[ModuleType]) -> str:
    """Return the whole file."""
    lines = [
        "# State machines",
        "",
        "Each picture is drawn from the `MOVES` table that the machine runs by, so it cannot say",
        f"something else. `{COMMAND}` draws them anew; a test fails when a table has moved on.",
        "An arrow says what is heard / what is done about it. What is not drawn is ignored when it",
        "comes from the wire or a clock, and an `IllegalMove` when it comes from us.",
        "",
    ]
    for module in found:
        file = module.__name__.replace(".", "/") + ".py"
        title = (module.__doc__ or "").partition("\n")[0]
        lines += [f"## [{file}](../{file})", "", title, ""]
        for machine in machines_of(module.MOVES):
            lines += [f"### {' '.join(str(word) for word in machine)}", ""]
            lines += picture(module, machine)
    return "\n".join(lines)


def main() -> int:
    """Write the file."""
    TARGET.write_text(document(modules()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
