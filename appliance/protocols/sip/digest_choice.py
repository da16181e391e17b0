"""Which digest algorithms a device is offered, best first. RFC 8760 §2.4, and what devices do.

RFC 8760 lets a server offer several challenges in its order of preference. Devices older than it
break: libre (baresip before 2.0) gives up when any challenge names an algorithm that it does not
know; sipp up to 3.6 reads the first challenge only. So MD5 stands first for whoever is not known
to do better; devices that choose the strongest by themselves are served in any order. A device
that does not come back with credentials is offered MD5 alone the next time.
"""

from collections import OrderedDict

from appliance.protocols.sip.digest import Algorithm

SHA256_FIRST = ("linphone", "belle-sip", "pjsua", "pjsip", "microsip", "baresip v2", "baresip v3")
MD5_ALONE = ("baresip v0", "baresip v1", "pyvoip")
PATIENCE = 2
"""Challenges in a row without an answer; one may be lost on the way."""
TABLE_SIZE = 4096


class DigestChoice:
    """Remembers, in a table of fixed size, who did not answer."""

    def __init__(self) -> None:
        self._unanswered: OrderedDict[tuple[str, str], int] = OrderedDict()

    def algorithms(self, address: str, user: str, user_agent: str) -> tuple[Algorithm, ...]:
        """Return what to offer now."""
        name = (address, user)
        asked = self._unanswered.pop(name, 0) + 1
        self._unanswered[name] = asked
        if len(self._unanswered) > TABLE_SIZE:
            self._unanswered.popitem(last=False)
        product = user_agent.lower()
        if product.startswith(MD5_ALONE) or asked > PATIENCE:
            return (Algorithm.MD5,)
        if product.startswith(SHA256_FIRST):
            return (Algorithm.SHA256, Algorithm.MD5)
        return (Algorithm.MD5, Algorithm.SHA256)

    def answered(self, address: str, user: str) -> None:
        """Credentials came: this device can do what it was offered."""
        self._unanswered.pop((address, user), None)
