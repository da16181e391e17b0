"""Watching a trunk that we do not register at: OPTIONS, as gateways do. RFC 3261 §11.

Any answer shows that it lives; 408 and 503 come from something in between that misses it too.
"""

from appliance.protocols.sip.core import ACCEPT, Core, request_of
from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.message import Request
from appliance.protocols.sip.registration import domain_of
from appliance.protocols.sip.uri import SipUri

INTERVAL_UP_S = 30.0
INTERVAL_DOWN_S = 10.0
"""After a failure; each unanswered try takes 32 s besides."""


def options_request(core: Core, route: TrunkRoute, flow: Flow, call_id: str, cseq: int) -> Request:
    """The OPTIONS that asks whether the trunk is there."""
    uri = SipUri.of(None, domain_of(route))
    near = SipUri.of(route.username or "linghe", core.near(flow))
    tag = core.mark("from", call_id)
    fields = [
        ("From", f"<{near}>;tag={tag}"),
        ("To", f"<{uri}>"),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} OPTIONS"),
        ("Contact", core.contact(flow, near.raw_user or "")),
        ("Accept", ACCEPT),
        ("User-Agent", core.product),
    ]
    branch = core.branch(call_id, tag, str(cseq), "OPTIONS")
    return request_of(core, "OPTIONS", str(uri), flow, branch, fields)


def is_alive(status: int) -> bool:
    """Whether this answer shows the trunk to be there."""
    return status not in (408, 503, 504)
