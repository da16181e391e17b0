"""The conformance table: which sections of which standards have tests. Written, never edited.

    .venv/bin/python tests/conformance.py        writes appliance/protocols/sip/CONFORMANCE.md

Rows come from `@pytest.mark.rfc(number, section)` in the test files, read by `ast`: nothing is
imported or run. What a section is about stands in SECTIONS, in our own words; a mark that SECTIONS
does not know is an error, so that a mistyped section number does not get in.
"""

import ast
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "appliance" / "protocols" / "sip" / "CONFORMANCE.md"
COMMAND = ".venv/bin/python tests/conformance.py"

STANDARDS = {
    "2617": "HTTP digest, the older form",
    "3261": "SIP",
    "3262": "acknowledged provisional responses",
    "2782": "SRV records",
    "3263": "finding a carrier's servers",
    "3264": "offer and answer",
    "3389": "comfort noise",
    "3311": "UPDATE",
    "3325": "identities that are vouched for",
    "3515": "REFER",
    "3550": "RTP",
    "3551": "RTP's audio profile",
    "3581": "responses through NAT (rport)",
    "3891": "Replaces",
    "4028": "timers of a talk",
    "4320": "corrections to non-INVITE transactions",
    "4475": "torture messages",
    "4488": "REFER without a subscription",
    "4733": "telephone events (keys in RTP)",
    "5118": "torture messages with IPv6",
    "5621": "message bodies",
    "5626": "connections kept open by the phone",
    "6223": "asking for keep-alives",
    "5806": "Diversion",
    "5922": "certificates of SIP domains",
    "6026": "corrections to INVITE transactions",
    "6086": "INFO",
    "7587": "Opus in RTP",
    "7044": "History-Info",
    "7616": "HTTP digest with SHA-256",
    "8760": "SIP digest with SHA-256",
    "8866": "SDP",
    "G.711": "A-law and µ-law",
    "Q.24": "receivers of keys as tones",
    "3711": "SRTP",
    "4568": "keys of SRTP in SDP",
    "5761": "RTP and RTCP on one port",
    "7714": "SRTP with AES-GCM",
    "G.107": "the E-model",
    "3842": "message waiting",
    "3856": "presence",
    "4235": "lamps: the dialog event package",
    "6665": "SUBSCRIBE and NOTIFY",
}
"""Order of the document: SIP first, then as here."""

SECTIONS = {
    ("2617", "3.2.2.1"): "the digest of a peer that knows no qop",
    ("3261", "7"): "form of a message: short names, folded lines, lists",
    ("3261", "7.3.1"): "which header fields are lists",
    ("3261", "8.1.1"): "what every request must carry",
    ("3261", "8.1.3.3"): "a response with two Vias is not for us",
    ("3261", "8.2.6.2"): "what a response copies from its request",
    ("3261", "10.3"): "the registrar: expiry, how many phones",
    ("3261", "12.1.1"): "a dialog at the called side",
    ("3261", "26.3.1"): "TLS toward phones and carriers",
    ("2782", "4"): "the order of servers: priority, then weight",
    ("3263", "4.1"): "which transport: NAPTR, else SRV of each",
    ("3263", "4.2"): "which port and address: SRV, else the name's own",
    ("3263", "4.3"): "from a server that fails to the next",
    ("5922", "7.1"): "whose certificate it is: URI, then DNS names",
    ("3261", "12.1.2"): "a dialog at the calling side",
    ("3261", "12.2.1.1"): "requests within a dialog; strict routers",
    ("3261", "12.2.2"): "a far end that moves within a dialog",
    ("3261", "13.2.2.4"): "several answers to one INVITE",
    ("3261", "13.3.1.3"): "an INVITE that cannot be taken",
    ("3261", "13.3.1.4"): "a 2xx is repeated until its ACK",
    ("3261", "17.1.1.2"): "INVITE client: repetition and patience",
    ("3261", "17.1.1.3"): "what the ACK of a failure is, and that none is answered",
    ("3261", "17.1.2.2"): "other client transactions: repetition",
    ("3261", "17.2.1"): "INVITE server: a failure until its ACK",
    ("3261", "18.2.1"): "where a request really came from",
    ("3261", "18.3"): "where a message ends, on UDP and on TCP",
    ("3261", "19.1.4"): "when two URIs are the same",
    ("3261", "21.4.14"): "a URI of a kind we do not know",
    ("3261", "14.1"): "offers of both sides that meet, ours",
    ("3262", "3"): "reliable ringing of ours",
    ("3262", "4"): "PRACKs of ours",
    ("3262", "5"): "offer and answer in reliable responses",
    ("3264", "6"): "every stream of an offer is answered in its place",
    ("3264", "6.1"): "whose order of codecs counts",
    ("3264", "8.4"): "hold, the new way and by the null address",
    ("3311", "5.2"): "UPDATE of theirs, before and after the answer",
    ("3325", "8"): "identities of who is not trusted",
    ("3325", "9.1"): "identities that are vouched for, both ways",
    ("3325", "9.3"): "a caller who wants privacy",
    ("3550", "5.1"): "RTP's fixed header",
    ("3550", "5.3.1"): "header extensions are stepped over",
    ("3389", "3.1"): "level of the noise",
    ("3389", "3.3"): "its colour, as reflection coefficients",
    ("3389", "4"): "comfort noise in SDP and on the way",
    ("3551", "4.5.2"): "G.722, whose clock is told as 8000",
    ("3551", "6"): "static payload types and how an rtpmap overrules them",
    ("3581", "4"): "responses go where the request came from",
    ("3515", "2.4.2"): "which REFERs are taken",
    ("3515", "2.4.4"): "a REFER is accepted and told of",
    ("3515", "2.4.5"): "what a NOTIFY says of a transfer",
    ("3515", "2.4.6"): "several REFERs in one dialog",
    ("3891", "3"): "which dialog a Replaces means",
    ("3891", "6.1"): "the option tag replaces",
    ("4028", "7.1"): "what our INVITE asks for",
    ("4028", "7.2"): "who refreshes a call of ours",
    ("4028", "7.3"): "a longer interval is asked of us",
    ("4028", "7.4"): "our refreshes",
    ("4028", "9"): "what we answer to a timer",
    ("4028", "10"): "a talk that nobody refreshes",
    ("4320", "4.1"): "no 100 to what is not an INVITE",
    ("4475", "3"): "all 49 messages of the corpus",
    ("4475", "3.1.1.3"): "escaped characters",
    ("4475", "3.1.1.9"): "semicolons in the user part",
    ("4488", "4"): "a REFER without NOTIFYs",
    ("4733", "2.3"): "a key's payload",
    ("4733", "2.5.1.3"): "keys held longer than a segment",
    ("4733", "2.5.1.4"): "repeated last packets are one key",
    ("4733", "7.1.1"): "telephone-event in SDP",
    ("7587", "4.1"): "Opus counts at 48000, whatever is in it",
    ("7587", "7"): "Opus in SDP",
    ("5118", "4.1"): "IPv6 references",
    ("5621", "3.1"): "an SDP within a multipart body",
    ("5626", "3.5.1"): "keep-alive by empty lines",
    ("5626", "4.4.1"): "a connection of ours whose pings nobody answers has failed",
    ("6223", "4.4"): "a phone that asks is told how often to ping",
    ("6223", "5"): "a carrier says how often it wants to be pinged",
    ("5626", "5.3"): "a call goes down the connection of the registration",
    ("5806", "4"): "who sent a call on, both ways",
    ("6026", "7.1"): "a late INVITE after the ACK",
    ("6026", "7.2"): "each repeated 2xx reaches the dialog",
    ("6086", "4.2.2"): "an INFO from a phone that rings is answered 200",
    ("6086", "4.4"): "keys of ours in order, one request at a time",
    ("6086", "5.2"): "what a far end says of keys in INFO",
    ("7044", "5.2"): "who sent a call on, by its history",
    ("7616", "3.4"): "the response and its nonce count",
    ("7616", "3.9.1"): "the worked example",
    ("8760", "2.4"): "SHA-256 first, MD5 for those who know no other",
    ("8866", "5"): "a description, line by line",
    ("G.711", "table 1a"): "A-law: decision and output values",
    ("G.711", "table 2a"): "µ-law: decision and output values",
    ("Q.24", "table 1"): "which tones are keys and which are not",
    ("3550", "6.1"): "compound packets of RTCP",
    ("3550", "6.2"): "how often reports go, the first after half the interval",
    ("3550", "6.4"): "reports both ways",
    ("3550", "6.4.1"): "sender reports, report blocks, round trip",
    ("3550", "A.3"): "how many packets were lost",
    ("3711", "3"): "an encrypted leg beside one in the clear",
    ("3711", "3.1"): "what of a packet stays readable",
    ("3711", "3.3.1"): "the count of rollovers",
    ("3711", "3.3.2"): "packets that come again",
    ("3711", "3.4"): "encrypted RTCP",
    ("3711", "4.1.1"): "AES in counter mode",
    ("3711", "4.2"): "authentication tags",
    ("3711", "B.3"): "key derivation",
    ("4568", "5.1"): "SRTP when the phone offers it",
    ("4568", "5.1.1"): "SRTP offered by us",
    ("5761", "4"): "RTCP told from RTP",
    ("7714", "16"): "AES-GCM",
    ("G.107", "B"): "MOS from R",
    ("6665", "4.2.1"): "the notifier tells the whole state at once",
    ("6665", "4.2.1.4"): "a subscription ends by time",
    ("6665", "4.1.2.2"): "a subscription is refreshed",
    ("6665", "4.1.2.3"): "a subscriber wants no more",
    ("6665", "4.2.2"): "a NOTIFY that is refused",
    ("4235", "4.1"): "dialog-info",
    ("3842", "5.2"): "message-summary",
    ("3856", "6.7"): "PIDF",
}
"""What each section is about, in our words."""

NOT_YET = (
    ("SUBSCRIBE, NOTIFY: lamps, voicemail", "RFC 6665", "489"),
    ("TLS", "RFC 3261 §26", "nothing listens for it: UDP and TCP, on a LAN that is trusted"),
    ("SRTP", "RFC 4568", "an offer of nothing but RTP/SAVP gets 488"),
    ("NAPTR and SRV", "RFC 3263", "a trunk is one address or one host name"),
    ("IPv6 transport", "RFC 3261 §18", "addresses are understood; the box calls over IPv4"),
)
"""Standard features that are absent, where they stand, and what a peer meets instead."""


class Citation(NamedTuple):
    """One mark on one test."""

    standard: str
    section: str
    test: str
    """Path of the file and name of the test, as pytest takes it."""


def citations() -> list[Citation]:
    """Return every mark of the tests, in the order of the files."""
    found = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                test = f"{file.relative_to(ROOT).as_posix()}::{node.name}"
                marks = (cited(one) for one in node.decorator_list)
                found += [Citation(*mark, test) for mark in marks if mark is not None]
    return found


def cited(decorator: ast.expr) -> tuple[str, str] | None:
    """Return standard and section of `@pytest.mark.rfc("3261", "7")`; None for another one."""
    match decorator:
        case ast.Call(
            func=ast.Attribute(attr="rfc"),
            args=[ast.Constant(value=str(standard)), ast.Constant(value=str(section))],
        ):
            return standard, section
    return None


def unknown(found: list[Citation]) -> list[str]:
    """Say which marks name a section that SECTIONS lacks."""
    return [
        f"{one.test} cites {one.standard} section {one.section}: look it up, add it to SECTIONS"
        for one in found
        if (one.standard, one.section) not in SECTIONS or one.standard not in STANDARDS
    ]


def in_order(section: str) -> list[tuple[int, str]]:
    """Sort 8.2.6.2 before 10.3."""
    return [(int(part) if part.isdigit() else 0, part) for part in section.split(".")]


def name_of(standard: str) -> str:
    """RFC 3261, ITU-T G.711."""
    return f"RFC {standard}" if standard.isdigit() else f"ITU-T {standard}"


def document(found: list[Citation]) -> str:
    """Return the whole file."""
    lines = [
        "# Conformance",
        "",
        "Which sections of the standards have tests of ours, and which features are absent.",
        f"Made from the tests' marks by `{COMMAND}`; a test fails when it is out of date.",
        "A row says that somebody looked that section up and proved what we do, not that all of",
        "it is covered. Tests of `tests/peers` talk to real programs.",
        "",
        "| standard | section | what it is about | tests |",
        "|---|---|---|---|",
    ]
    for standard in STANDARDS:
        mine = sorted({one.section for one in found if one.standard == standard}, key=in_order)
        for section in mine:
            tests = [
                one.test for one in found if (one.standard, one.section) == (standard, section)
            ]
            names = "<br>".join(
                f"`{test.partition('::')[2]}` ({test.partition('::')[0].removeprefix('tests/')})"
                for test in sorted(tests)
            )
            shown = f"§{section}" if section[0].isdigit() else section
            about = SECTIONS[standard, section]
            lines.append(
                f"| {name_of(standard)} {STANDARDS[standard]} | {shown} | {about} | {names} |"
            )
    lines += [
        "",
        "## Not supported yet",
        "",
        "All of it belongs to what comes next (CHANGELOG.md says when it is there).",
        "",
        "| feature | standard | what a peer meets today |",
        "|---|---|---|",
        *(f"| {feature} | {standard} | {today} |" for feature, standard, today in NOT_YET),
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Write the file; refuse where a mark is unknown."""
    found = citations()
    if wrong := unknown(found):
        print("\n".join(wrong), file=sys.stderr)
        return 1
    TARGET.write_text(document(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
