"""sipp as a desk phone with a password: steps of dialogs that hold, refer, replace and refresh.

The dialog's own header values are written out in each request, since sipp's `last_` ones are of
whatever came last, which may be a request of the box. `$box` is the box's To with its tag.
"""

import re

from sipp import sdp

FROM = "<sip:{number}@[local_ip]:[local_port]>;tag=[pid]S[call_number]"
AUTHENTICATION = "[authentication username={number} password=test-only-secret-of-{number}]\n"

_REQUEST = """<send{retrans}><![CDATA[

{method} {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
{routes}From: {from_}
To: {to}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:{number}@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
{lines}{type}Content-Length: [len]

{body}]]></send>
"""


def request(method, cseq, *lines, number="8003", body="", to="[$box]", uri="[next_url]"):
    """A request of ours; inside the dialog unless `to` and `uri` say otherwise."""
    return _REQUEST.format(
        method=method,
        cseq=cseq,
        uri=uri,
        number=number,
        to=to,
        from_=FROM.format(number=number),
        retrans="" if method == "ACK" else ' retrans="500"',
        routes="[routes]\n" if uri == "[next_url]" else "",
        lines="".join(f"{line}\n" for line in lines),
        type="Content-Type: application/sdp\n" if body else "",
        body=body,
    )


def invite_of(called, *lines, number="8003", body=None):
    """INVITE with the password, as phones do it: ask, be challenged, ask again."""
    uri = f"sip:{called}@[remote_ip]:[remote_port]"
    to, body = f"<{uri}>", sdp() if body is None else body
    words = {"number": number, "to": to, "uri": uri}
    return (
        request("INVITE", 1, *lines, body=body, **words)
        + received(100, optional="true")
        + '<recv response="401" auth="true"></recv>\n'
        + request("ACK", 1, number=number, to="[last_To:]", uri=uri).replace("To: [", "[")
        + request(
            "INVITE", 2, AUTHENTICATION.format(number=number).strip(), *lines, body=body, **words
        )
    )


def received(code, *actions, **words):
    """A response is awaited; `actions` are looked up in it."""
    extra = "".join(f' {name}="{value}"' for name, value in words.items())
    inner = f"<action>{''.join(actions)}</action>" if actions else ""
    return f'<recv response="{code}"{extra}>{inner}</recv>\n'


def heard(method, *actions, **words):
    """A request of the box is awaited."""
    return received(0, *actions, **words).replace('response="0"', f'request="{method}"')


def has(pattern, where="msg", header="", name="seen"):
    """The message must have this; use `used` once for each name."""
    look = f'search_in="hdr" header="{header}:"' if header else f'search_in="{where}"'
    return f'<ereg regexp="{pattern}" {look} check_it="true" assign_to="{name}"/>'


def lacks(pattern, name="unseen"):
    """The message must not have this."""
    return f'<ereg regexp="{pattern}" search_in="msg" check_it_inverse="true" assign_to="{name}"/>'


def used(*names):
    """sipp wants every variable to be used somewhere."""
    return f'<Reference variables="{",".join(names)}"/>\n'


KEEP_BOX = '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="box"/>'
RINGS = received(100, optional="true") + received(180, optional="true")
ANSWERED_KEPT = RINGS + received(200, KEEP_BOX, rrs="true")


_KEPT = ("Via", "From", "To", "CSeq")
KEEP_REQUEST = "".join(
    f'<ereg regexp=".*" search_in="hdr" header="{name}:" assign_to="{name.lower()}"/>'
    for name in _KEPT
)
"""To be answered with `reply(kept=True)` after other messages have come."""


def reply(code, reason, *lines, body="", tag="", kept=False):
    """A response to the last request of the box, or to the kept one."""
    copied = {name: f"{name}:[${name.lower()}]" if kept else f"[last_{name}:]" for name in _KEPT}
    copied["To"] += f";tag={tag}" if tag else ""
    more = [*lines, "Content-Type: application/sdp"] if body else lines
    repeated = ' retrans="500"' if code == 200 and body and not kept else ""
    head = [
        f"SIP/2.0 {code} {reason}",
        *copied.values(),
        "[last_Call-ID:]",
        "Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>",
        *more,
    ]
    text = "\n".join(head)
    return f"<send{repeated}><![CDATA[\n\n{text}\nContent-Length: [len]\n\n{body}]]></send>\n"


def notified(fragment, state):
    """A NOTIFY of our REFER that says so, answered."""
    return heard(
        "NOTIFY",
        has(f"SIP/2.0 {fragment}", name="fragment"),
        has(state, header="Subscription-State", name="state"),
    ) + reply(200, "OK")


NOTIFIED = used("fragment", "state")
HUNG_UP = heard("BYE") + reply(200, "OK")


def bye(cseq, number="8003"):
    """We hang up."""
    return request("BYE", cseq, number=number) + received(200)


def acknowledged(cseq, number="8003"):
    """The ACK of a 2xx."""
    return request("ACK", cseq, number=number)


def registers(number, seconds=120):
    """REGISTER with the password, from the port that the phone is to be called at."""
    uri = "sip:[remote_ip]:[remote_port]"
    words = {"number": number, "uri": uri, "to": f"<sip:{number}@[remote_ip]>"}
    return (
        request("REGISTER", 1, f"Expires: {seconds}", **words)
        + '<recv response="401" auth="true"></recv>\n'
        + request(
            "REGISTER", 2, f"Expires: {seconds}", AUTHENTICATION.format(number=number).strip(),
            **words,
        )
        + received(200)
    )  # fmt: skip


def opened_dialog(log, status=200):
    """Call-ID, the phone's tag and the box's of the dialog in a sipp's message log; None: none.

    `status`: of the response that opened it; 180: it is an early one.
    """
    text = log.read_text(errors="replace") if log.exists() else ""
    answer = re.search(rf"SIP/2.0 {status} .*?\n\r?\n", text, re.DOTALL)
    if answer is None:
        return None
    found = [
        re.search(pattern, answer.group(), re.IGNORECASE)
        for pattern in (r"Call-ID: (\S+)", r"From: .*tag=(\S+)", r"To: .*tag=(\S+)")
    ]
    return [one.group(1) for one in found]
