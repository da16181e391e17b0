"""webhook: tells other people's programs of this call, and goes on at once.

What is told is an event like all others (vocabulary/public_events.py): signed, in order, and sent
again until it is taken.
"""

import re
from typing import ClassVar

from appliance.engines.ivr.commands import TellWebhook
from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.engines.ivr.values import names_in
from appliance.vocabulary.ids import NodeName, WebhookId
from appliance.vocabulary.lookups import MOST_OF_A_VALUE
from appliance.vocabulary.settings import Site


class WebhookNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: webhook, what, values, next, text."""

    kind: ClassVar[str] = "webhook"

    webhook: WebhookId
    what: str
    """The site's own word for what happened: "order_asked"."""
    values: dict[str, str] = {}
    """Told with it: { order = "{order}" }. Private variables are left empty."""
    next: NodeName

    def targets(self) -> list[Target]:
        """Always on."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """The webhook must be one of the site's; names must be ones."""
        found = []
        names = [hook.id for hook in site.webhook]
        if self.webhook not in names:
            listed = ", ".join(names) or "none"
            found.append(Wrong(key="webhook", expected=f"a [[webhook]] of this site: {listed}"))
        if WORD.fullmatch(self.what) is None:
            found.append(Wrong(key="what", expected="a word of letters, digits, - and _"))
        found += [
            Wrong(key=f"values.{name}", expected="a name of letters, digits, - and _")
            for name in self.values
            if WORD.fullmatch(name) is None
        ]
        return found

    def work(self, turn: Turn) -> None:
        """Tell, and go on."""
        private = turn.state.private
        values = {
            name: ""
            if any(one in private for one in names_in(template))
            else turn.filled(template)[:MOST_OF_A_VALUE]
            for name, template in self.values.items()
        }
        turn.do(
            TellWebhook(node=turn.state.node, webhook=self.webhook, what=self.what, values=values)
        )
        turn.go(self.next, "next")


WORD = re.compile(r"[A-Za-z0-9_-]{1,32}")
