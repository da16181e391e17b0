"""What went wrong, for programs: application/problem+json (RFC 9457) in English with a stable key.

`type` is "urn:linghe:problem:" and the key; `key` stands alone too, since that is what one
compares. New keys may come, none is renamed.
"""

import msgspec
from flask import Response, request
from msgspec import Struct
from werkzeug.exceptions import HTTPException

TYPE = "application/problem+json"
PREFIX = "/api/"

KEYS: dict[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read."),
    "malformed_json": (400, "The body is not JSON."),
    "token_missing": (401, "A token is needed: Authorization: Bearer linghe_…"),
    "token_unknown": (401, "This token opens nothing."),
    "scope_missing": (403, "The token has not been given this scope."),
    "not_allowed": (403, "Call control does not allow it."),
    "not_found": (404, "There is no such thing here."),
    "call_unknown": (404, "There is no such call (any more)."),
    "agent_unknown": (404, "There is no such agent."),
    "extension_unknown": (404, "There is no such extension."),
    "number_unknown": (404, "This number leads nowhere."),
    "callback_unknown": (404, "There is no such callback."),
    "recording_unknown": (404, "There is no such recording, or not yet."),
    "flow_unknown": (404, "There is no such flow."),
    "version_unknown": (404, "The flow has no such version, or not any more."),
    "draft_unknown": (404, "The flow has no draft."),
    "draft_old": (409, "Another version holds than the draft was made of: save it again."),
    "draft_other": (409, "Somebody has saved another draft; look at it, and send its stamp."),
    "flow_faulty": (409, "The flow cannot be published as it is; /check says why."),
    "table_unknown": (404, "The site has no such table."),
    "table_empty": (409, "The table has no rows."),
    "prompt_unknown": (404, "There is no such prompt, or no such version of it."),
    "prompt_taken": (409, "There is a prompt of this name: replace it, or choose another one."),
    "prompt_used": (409, "The site names this prompt; it cannot be removed."),
    "prompt_refused": (409, "The box cannot make a prompt of that; detail says why."),
    "moment_unknown": (404, "No calendar reaches as far as that."),
    "method_unknown": (405, "This address does not take that method."),
    "already": (409, "It is so already."),
    "busy": (409, "It is busy."),
    "not_reachable": (409, "It cannot be reached now."),
    "not_talking": (409, "Nobody talks in this call now."),
    "not_consulting": (409, "Nobody is being asked in this call now."),
    "not_recorded": (409, "This call is not recorded."),
    "range_unknown": (416, "The recording has no such part."),
    "address_too_long": (414, "The address is too long."),
    "head_too_long": (431, "The head of the request is too long."),
    "too_long": (413, "The body is too long."),
    "json_wanted": (415, "The body must be application/json."),
    "unknown_field": (422, "There is no such field."),
    "invalid": (422, "A value is not as it must be."),
    "body_unexpected": (422, "This request takes no body."),
    "rate_limited": (429, "Too many requests."),
    "readers_full": (429, "Too many event streams are open."),
    "failed": (500, "Something went wrong in these pages; calls are not touched by it."),
    "unreadable": (503, "The box's files cannot be read now."),
    "control_away": (503, "Call control does not answer now. Nothing may be assumed of the verb."),
}
"""Each key with its status and title."""


class ProblemShown(Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"kind": "type"}):
    """A problem as RFC 9457 has it; `key`, `field` and `scope` are additions of ours."""

    kind: str
    title: str
    status: int
    key: str
    detail: str = ""
    field: str = ""
    """Which field, as a path: to, caller.number."""
    scope: str = ""
    """The scope that is missing."""


class Problem(Exception):
    """Raised by views; becomes the answer."""

    def __init__(
        self, key: str, detail: str = "", *, field: str = "", scope: str = "", retry_after: int = 0
    ) -> None:
        """`retry_after`: seconds, 0 for none."""
        super().__init__(f"{key} {detail}")
        self.key, self.detail, self.field, self.scope = key, detail, field, scope
        self.retry_after = retry_after


def shown_of(problem: Problem) -> ProblemShown:
    """Return what is told of a problem."""
    status, title = KEYS[problem.key]
    return ProblemShown(
        kind=f"urn:linghe:problem:{problem.key}",
        title=title,
        status=status,
        key=problem.key,
        detail=problem.detail[:500],
        field=problem.field[:200],
        scope=problem.scope,
    )


def answer_of(problem: Problem) -> Response:
    """Return the problem as an answer."""
    shown = shown_of(problem)
    status = shown.status
    answer = Response(msgspec.json.encode(shown), status=status, content_type=TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="linghe"'
    if problem.retry_after:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def is_of_api() -> bool:
    """Say whether this request is a program's."""
    return request.path.startswith(PREFIX)


_OF_STATUS = {
    400: "malformed",
    403: "not_allowed",
    404: "not_found",
    405: "method_unknown",
    413: "too_long",
    416: "range_unknown",
    429: "rate_limited",
}


def answer_of_http(error: HTTPException) -> Response | HTTPException:
    """Return Flask's and Werkzeug's own errors in the same form; their headers stay."""
    code = error.code or 500
    if code < 400:
        return error
    answer = answer_of(Problem(_OF_STATUS.get(code, "failed" if code >= 500 else "malformed")))
    answer.headers.extend(
        (name, value)
        for name, value in error.get_headers()
        if name in ("Allow", "Content-Range", "Retry-After")
    )
    return answer
