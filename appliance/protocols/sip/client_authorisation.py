"""Showing a trunk our password when it asks. RFC 3261 §22.2, §22.3.

One retry a request, one more when the nonce was stale; never to a realm that is not the trunk's
when one is configured. Phones' challenges are never answered: a caller could collect digests so.
"""

from appliance.protocols.sip.core import Core
from appliance.protocols.sip.digest import AuthFields, answer_challenge
from appliance.protocols.sip.directory import TrunkRoute
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.message import Request, Response
from appliance.vocabulary.errors import PeerError

_HEADERS = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}
MAX_TRIES = 2


def with_password(
    core: Core,
    request: Request,
    response: Response,
    flow: Flow,
    route: TrunkRoute | None,
    tries: int,
) -> Request | None:
    """The request again, with the next CSeq and our credentials; None when it is not to be sent.

    `tries`: how many challenges of this request were answered before.
    """
    names = _HEADERS.get(response.status)
    if names is None or route is None or not route.username or tries >= MAX_TRIES:
        return None
    challenges = response.headers.all(names[0])
    if tries == 1 and not any(_is_stale(challenge) for challenge in challenges):
        return None
    credential = answer_challenge(
        challenges, route.username, route.secret, request.method, request.uri,
        core.random_text(), 1, route.realm or None,
    )  # fmt: skip
    if credential is None:
        return None
    cseq = request.cseq.number + 1
    headers = request.headers.copy()
    branch = core.branch(request.call_id, request.from_.tag or "", str(cseq), request.method)
    headers.replace("Via", core.via(flow, branch))
    headers.replace("CSeq", f"{cseq} {request.method}")
    headers.remove("Authorization")
    headers.remove("Proxy-Authorization")
    headers.add(names[1], credential)
    return Request(request.method, request.uri, headers, request.body)


def _is_stale(challenge: str) -> bool:
    try:
        return AuthFields.parse(challenge).get("stale").lower() == "true"
    except PeerError:
        return False
