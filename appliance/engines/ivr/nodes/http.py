"""http: asks a service of the site over HTTP, and keeps what it answers in variables.

Only services that the site names are asked; what callers key in is percent-encoded and cannot lead
to another address. 404, and an answer without any of the fields, is "not found".
"""

from typing import Annotated, ClassVar, Literal
from urllib.parse import quote

import msgspec
from msgspec import Meta

from appliance.engines.ivr.nodes.looking import LookingNode
from appliance.engines.ivr.nodes.node import Turn, Wrong
from appliance.engines.ivr.values import names_in
from appliance.vocabulary.ids import Seconds, ServiceId
from appliance.vocabulary.lookups import Question, ServiceQuestion
from appliance.vocabulary.settings import Site


class HttpNode(LookingNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: service, path, method, body, fields, found, not_found, otherwise, is_private,
    timeout_seconds, cache_seconds, text."""

    kind: ClassVar[str] = "http"

    service: ServiceId
    path: str = ""
    """Behind the service's own address: "orders/{order}?by={caller}"."""
    method: Literal["GET", "POST"] = "GET"
    body: dict[str, str] = {}
    """POST: sent as one JSON object."""
    fields: dict[str, str] = {}
    """Variable to place in the answer: "account.balance", "orders.0.status"."""
    timeout_seconds: Annotated[float, Meta(gt=0, le=10)] = 3
    cache_seconds: Annotated[float, Meta(ge=0, le=86400)] = 0
    """An answer to the same question serves for so long."""

    @property
    def patience(self) -> float:
        """Seconds that the caller may wait for the answer."""
        return self.timeout_seconds

    def wrongs(self, site: Site) -> list[Wrong]:
        """The service must be one of the site's; a body is for POST."""
        found = self.wrong_variables("fields", self.fields)
        names = [service.id for service in site.service]
        if self.service not in names:
            listed = ", ".join(names) or "none"
            found.append(Wrong(key="service", expected=f"a [[service]] of this site: {listed}"))
        if self.body and self.method == "GET":
            found.append(Wrong(key="body", expected='method = "POST", or no body'))
        if any(char not in PATH_CHARACTERS for char in self.path):
            found.append(
                Wrong(key="path", expected="a path as in a web address: no blanks, no #, ASCII")
            )
        return found

    def question(self, turn: Turn) -> Question:
        """Put the values where the site wants them."""
        path = self.path
        for name in names_in(path):
            path = path.replace(f"{{{name}}}", encoded(turn.value_of(name)))
        body = {name: turn.filled(value) for name, value in self.body.items()}
        return ServiceQuestion(
            service=self.service,
            method=self.method,
            path=path,
            body=msgspec.json.encode(body).decode() if self.method == "POST" else "",
            fields=self.fields,
            cache=Seconds(self.cache_seconds),
        )


def encoded(value: str) -> str:
    """Return a value as it can stand in a path: it stays one part of it, whatever it is.

    >>> encoded("a/b c"), encoded("..")
    ('a%2Fb%20c', '%2E%2E')
    """
    text = quote(value, safe="")
    return text if text.strip(".") else text.replace(".", "%2E")


PATH_CHARACTERS = frozenset(map(chr, range(0x21, 0x7F))) - set('#"<>\\^`|')
"""What a request's target is made of, with the braces of variables."""
