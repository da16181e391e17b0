"""The operations on prompts, for the list in operations.py."""

from collections.abc import Callable
from typing import TypeVar, cast

from msgspec import Struct

from appliance.vocabulary.tokens import Scope
from webadmin.api import prompts
from webadmin.api.operation import Answer, Asked, Nothing, Operation, Taken

Q = TypeVar("Q", bound=Taken)
B = TypeVar("B", bound=Taken)


def _of(
    address: str,
    view: Callable[[Asked[Q, B]], Answer],
    gives: type[Struct] | str,
    problems: tuple[str, ...],
    *,
    query: type[Taken] = Nothing,
    body: type[Taken] = Nothing,
) -> Operation:
    method, _, path = address.partition(" ")
    return Operation(
        method=method,
        path=path,
        scope=Scope.PROMPTS_READ if method == "GET" else Scope.PROMPTS_WRITE,
        room="prompts",
        query=query,
        body=body,
        gives=gives,
        status=201 if path == "/prompts" and method == "POST" else 200,
        problems=problems,
        is_verb=method != "GET",
        view=cast(Callable[[Asked[Taken, Taken]], Answer], view),
    )


PROMPT_OPERATIONS: tuple[Operation, ...] = (
    _of("GET /prompts", prompts.list_prompts, prompts.PromptsShown, ()),
    _of(
        "GET /prompts/{prompt}/audio",
        prompts.hear_prompt,
        "audio/wav",
        ("prompt_unknown", "range_unknown"),
    ),
    _of(
        "POST /prompts",
        prompts.add_prompt,
        prompts.PromptShown,
        ("prompt_taken", "prompt_refused", "prompt_unknown"),
        body=prompts.PromptBody,
    ),
    _of(
        "POST /prompts/restore",
        prompts.restore_prompt,
        prompts.PromptShown,
        ("prompt_unknown", "prompt_refused", "already"),
        body=prompts.PromptVersionBody,
    ),
    _of(
        "DELETE /prompts",
        prompts.remove_prompt,
        prompts.PromptGone,
        ("prompt_unknown", "prompt_used", "prompt_refused"),
        query=prompts.PromptQuery,
    ),
)
