"""What a phone system is expected to do, and which test with a real program proves it. Written,
never edited.

    .venv/bin/python tests/features.py        writes docs/features.md

Rows come from `@pytest.mark.feature("late offer")` in the test files, read by `ast`: nothing is
imported or run. FEATURES says what must be there, in the order of the document; a mark that it does
not know is an error, and so is a feature without a test. The programs that a test starts are read
from its source too: from what it, its fixtures and its file's functions make.
"""

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "features.md"
COMMAND = ".venv/bin/python tests/features.py"
PLACES = ("tests/peers", "tests/faults", "tests/webadmin")
"""Where tests with real programs are."""

FEATURES = {
    "Holding, and before the answer": (
        "hold: by re-INVITE",
        "hold: by UPDATE",
        "hold: sendonly",
        "hold: inactive",
        "hold: null address",
        "hold: resume",
        "music on hold chosen by site",
        "glare (491)",
        "early media",
        "late offer",
        "forked answers",
        "session timers",
        "PRACK",
    ),
    "Who calls, and lamps": (
        "REFER with NOTIFY",
        "Replaces",
        "Diversion in",
        "History-Info in",
        "P-Asserted-Identity in",
        "P-Asserted-Identity out",
        "message waiting lamp",
        "busy lamps",
        "agents on lamps",
        "phone lost: told within a minute",
        "prompt: a sound file of the owner's",
        "prompt: recorded at a phone (*77)",
        "prompt: by the microphone at the box",
    ),
    "Transfer": (
        "transfer: blind, by REFER",
        "transfer: blind, by code",
        "transfer: attended, by REFER",
        "transfer: attended, by code",
        "transfer: semi-attended, by REFER",
        "transfer: semi-attended, by code",
        "transfer: to a queue, by REFER",
        "transfer: to a queue, by code",
        "transfer: outside, by REFER",
        "transfer: outside, by code",
        "transfer: outside without the right, by REFER",
        "transfer: outside without the right, by code",
        "transfer: back on no answer, by REFER",
        "transfer: back on no answer, by code",
        "transfer: talks add up, one call id, all recordings found",
    ),
    "Several phones": (
        "consult",
        "conference of three",
        "park and retrieve",
        "pickup of a phone",
        "pickup in a group",
        "ring groups",
        "forwarding: always",
        "forwarding: busy",
        "forwarding: no answer",
        "forwarding: unreachable",
        "do not disturb",
        "call waiting",
        "redial of a busy extension",
    ),
    "Supervisor": (
        "listen, by code",
        "listen, by API",
        "whisper, by code",
        "whisper, by API",
        "barge, by code",
        "barge, by API",
        "take over, by code",
        "take over, by API",
        "force release, by code",
        "force release, by API",
        "supervisor: the role is checked, by code",
        "supervisor: the role is checked, by API",
        "supervisor: audited",
        "supervisor: the caller hears no click",
        "whisper: not in the caller's ear",
        "whisper: not in the caller's channel of the recording",
    ),
    "Codecs, keys, quality": (
        "codec: PCMA",
        "codec: PCMU",
        "codec: G.722",
        "codec: Opus",
        "transcoding only where the legs differ",
        "comfort noise",
        "keys: event to event",
        "keys: INFO to event",
        "keys: event to tones",
        "keys: event to INFO",
        "keys: tones to INFO",
        "keys: tones to a phone that speaks events",
        "keys: INFO, event and tones steer a menu",
        "quality: loss",
        "quality: jitter",
        "quality: round trip",
        "quality: MOS",
        "quality: in the record",
        "quality: on the page",
    ),
    "Transport and trunks": (
        "TLS: phone",
        "TLS: trunk",
        "SRTP",
        "IPv6",
        "trunk: SRV",
        "trunk: NAPTR",
        "trunk: fail-over order",
        "trunk: OPTIONS watch",
        "trunk: channels",
        "numbers: one form by country",
        "numbers: caller number per trunk",
        "numbers: emergency",
    ),
    "Recording control": (
        "recording: on and off by key",
        "recording: on and off by API",
        "recording: pause by key, silence measured",
        "recording: pause by API, silence measured",
        "recording: a mark in the timeline",
        "recording: consent choice",
        "recording: fail closed",
    ),
    "Events and API": (
        "webhook: signed",
        "webhook: retried",
        "event stream",
        "each kind of event",
        "emergency mode: on the page, told by webhook and stream",
        "API: originate",
        "API: hang up",
        "API: transfer",
        "API: hold",
        "API: agent state",
        "API: recording",
        "API: scopes",
        "API: schemathesis finds nothing",
    ),
    "Nobody is ever stuck": (
        "reconciler heals within 10 s, and says so",
        "wishes outlive a power cut",
    ),
    "Around the call": (
        "voicemail: greeting by the box, beep, message",
        "voicemail: heard by phone with a PIN",
        "voicemail: caller and time told",
        "voicemail: deleted by phone, lamp out",
        "voicemail: three wrong PINs",
        "voicemail: calls back who left it",
        "voicemail: silence ends a message",
        "voicemail: by e-mail with the sound",
        "voicemail: outlives kill -9 while it is spoken",
        "callback: asked for by key, number confirmed, place kept",
        "callback: agent first, then the customer",
        "callback: tried again, over kill -9 of control; cancelled",
        "callback: pending over a power cut, made once",
        "flow node: callback",
        "survey: the agent hangs up first, the caller is asked",
        "survey: by code, a low score says why, over kill -9",
        "flow node: survey",
    ),
    "Flows": (
        "flow: calls in it finish on their version",
        "flow: new calls take what is published",
        "flow: rolled back in one step",
        "flow: its version over kill -9",
        "flow node: play",
        "flow node: menu",
        "flow node: collect",
        "flow node: say",
        "flow node: language",
        "flow node: hours",
        "flow node: hours, on a holiday",
        "flow node: branch",
        "flow node: set",
        "flow node: lookup",
        "flow node: http",
        "flow node: webhook",
        "flow node: subflow, return",
        "flow node: queue",
        "flow node: extension",
        "flow node: dial",
        "flow node: directory",
        "flow node: outside",
        "flow node: voicemail",
        "flow node: record",
        "flow node: consent",
        "flow node: hangup",
        "overflow: by wait, full queue, no agent; to every target",
    ),
    "Changes while calls go on": (
        "miss limit: not ready, and told so at the phone",
        "promised waits: told to callers, held against real ones",
        "change: queue, agent and skill within 1 s",
        "change: no waiting caller loses his place",
        "change: renaming loses nothing",
        "change: by the page, in a call",
        "backup in a talk, restored at the next start",
    ),
}
"""Heading to features, by the name that marks use."""

PROGRAMS = {
    "Sipp": "sipp",
    "Baresip": "baresip",
    "Linphone": "linphone",
    "RawPhone": "bare sockets",
    "WebhookReceiver": "HTTP server",
    "Api": "HTTP client",
    "PageReader": "HTTP client",
    "urllib": "HTTP client",
    "Chromium": "chromium",
    "RtpFarEnd": "bare RTP",
    "appliance.daemons.self_test": "pyVoIP",
    "selftest": "pyVoIP",
    "schemathesis": "schemathesis",
    "portaudio": "PortAudio",
}
"""What a test's source names, and the program that it talks to then."""
REAL = {
    *("sipp", "baresip", "linphone", "pyVoIP", "PortAudio"),
    *("chromium", "schemathesis", "HTTP client"),
}
"""Programs that are not ours. A feature is proven by one of these at least."""

Function = ast.FunctionDef | ast.ClassDef


class Proof(NamedTuple):
    """One mark on one test."""

    feature: str
    test: str
    """Path of the file and name of the test, as pytest takes it."""
    programs: tuple[str, ...]


@functools.cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@functools.cache
def _known_in(file: Path) -> dict[str, Function | ast.expr]:
    """Return the functions, classes and values of a file by name, its conftest's besides."""
    conftest = file.parent / "conftest.py"
    known: dict[str, Function | ast.expr] = {}
    for one in (conftest, file) if conftest.is_file() and conftest != file else (file,):
        for node in _tree(one).body:
            if isinstance(node, Function):
                known[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                known[node.targets[0].id] = node.value
    return known


def _words(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            yield one.id
        elif isinstance(one, ast.arg):
            yield one.arg
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value.rpartition("/")[2]


def programs_of(test: ast.FunctionDef, file: Path) -> tuple[str, ...]:
    """Return what a test talks to, by its source and that of what it uses in its file."""
    known, seen, found = _known_in(file), {test.name}, set()
    open_nodes: list[ast.AST] = [test]
    while open_nodes:
        for word in _words(open_nodes.pop()):
            if word in PROGRAMS:
                found.add(PROGRAMS[word])
            elif word in known and word not in seen:
                seen.add(word)
                open_nodes.append(known[word])
    return tuple(sorted(found))


def features_of(node: ast.FunctionDef) -> Iterator[str]:
    """Return what `@pytest.mark.feature("…", "…")` names."""
    for decorator in node.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr="feature"), args=names):
                yield from (str(one.value) for one in names if isinstance(one, ast.Constant))


def proofs() -> list[Proof]:
    """Return every mark of the tests, in the order of the files."""
    found = []
    for place in PLACES:
        for file in sorted((ROOT / place).rglob("test_*.py")):
            for node in ast.walk(_tree(file)):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    test = f"{file.relative_to(ROOT).as_posix()}::{node.name}"
                    names = list(features_of(node))
                    programs = programs_of(node, file) if names else ()
                    found += [Proof(name, test, programs) for name in names]
    return found


def all_features() -> list[str]:
    """Return every feature of the list, in its order."""
    return [name for names in FEATURES.values() for name in names]


def wrong(found: list[Proof]) -> list[str]:
    """Say which marks name no feature, and which features no real program proves."""
    known = all_features()
    proven = {one.feature for one in found if REAL & set(one.programs)}
    return [
        *(f"{one.test} proves {one.feature}: add it to FEATURES" for one in found
          if one.feature not in known),
        *(f"{name}: no test with a real program" for name in known if name not in proven),
    ]  # fmt: skip


def document(found: list[Proof]) -> str:
    """Return the whole file."""
    lines = [
        "# Features and their proofs",
        "",
        "What a phone system is expected to do, and the tests in which a program that is not ours",
        "does it with a whole running box (where a test ends in *bare RTP* or *bare sockets*, with",
        "one part of it, packet by packet). The programs and their versions of the last whole run",
        "stand on the help page. Made from the tests' marks by",
        f"`{COMMAND}`; a test fails when it is out of date, or when a feature has no test.",
    ]
    for heading, names in FEATURES.items():
        lines += ["", f"## {heading}", "", "| feature | with | tests |", "|---|---|---|"]
        for name in names:
            mine = sorted({one for one in found if one.feature == name}, key=lambda one: one.test)
            programs = ", ".join(sorted({program for one in mine for program in one.programs}))
            tests = "<br>".join(
                f"`{one.test.partition('::')[2]}` "
                f"({one.test.partition('::')[0].removeprefix('tests/')})"
                for one in mine
            )
            lines.append(f"| {name} | {programs} | {tests} |")
    lines += ["", "## What was tried with which program", "", "| program | features |", "|---|---|"]
    for program in sorted({program for one in found for program in one.programs}):
        tried = {one.feature for one in found if program in one.programs}
        names = "; ".join(name for name in all_features() if name in tried)
        lines.append(f"| {program} | {names} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Write the file; refuse where something is wrong."""
    found = proofs()
    if complaints := wrong(found):
        print("\n".join(complaints), file=sys.stderr)
        return 1
    TARGET.write_text(document(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
