"""Every operation of the API, in the order of the document. To add one: its line here."""

from collections.abc import Callable
from typing import TypeVar, cast

from msgspec import Struct

from appliance.reports.daily import DailyReport
from appliance.vocabulary.tokens import Scope
from webadmin.api import (
    callbacks,
    doing,
    hours,
    messages,
    reading,
    shapes,
    shapes_live,
    streaming,
    takes,
)
from webadmin.api.flow_operations import FLOW_OPERATIONS
from webadmin.api.operation import Answer, Asked, Nothing, Operation, Taken
from webadmin.api.prompt_operations import PROMPT_OPERATIONS

Q = TypeVar("Q", bound=Taken)
B = TypeVar("B", bound=Taken)

ROOMS = {
    "calls": "Calls that go on and calls of the past, and what can be done with them.",
    "recordings": "What was recorded. Who fetches one stands in the audit log.",
    "messages": "Voicemail: which box has which messages, heard and unheard.",
    "callbacks": "Customers who are called back instead of waiting.",
    "agents": "People who answer.",
    "flows": "What callers hear, as documents with versions: read, drafted, tried, published.",
    "prompts": "Own recordings that callers hear.",
    "box": "Queues, lines, hours, reports.",
    "events": "What happens, as it happens; the same events go to webhooks.",
}

_OF_VERBS = ("not_allowed", "busy", "already", "not_reachable", "control_away")
_OF_MESSAGES = ("recording_unknown", "already", "not_allowed", "control_away")
_OF_CALL_VERBS = ("call_unknown", "not_talking", *_OF_VERBS)


def _reads(
    path: str,
    scope: Scope,
    view: Callable[[Asked[Q, Nothing]], Answer],
    gives: type[Struct] | str,
    *,
    room: str,
    query: type[Taken] = Nothing,
    problems: tuple[str, ...] = (),
) -> Operation:
    return Operation(
        method="GET",
        path=path,
        scope=scope,
        room=room,
        query=query,
        gives=gives,
        problems=problems,
        view=cast(Callable[[Asked[Taken, Taken]], Answer], view),
    )


def _does(
    path: str,
    view: Callable[[Asked[Nothing, B]], Answer],
    *,
    body: type[Taken] = Nothing,
    scope: Scope = Scope.CALLS_CONTROL,
    room: str = "calls",
    status: int = 200,
    problems: tuple[str, ...] = _OF_CALL_VERBS,
) -> Operation:
    return Operation(
        method="POST",
        path=path,
        scope=scope,
        room=room,
        body=body,
        gives=shapes.VerbDone,
        status=status,
        problems=problems,
        is_verb=True,
        view=cast(Callable[[Asked[Taken, Taken]], Answer], view),
    )


def _on_message(
    what: str, view: Callable[[Asked[Nothing, B]], Answer], *, body: type[Taken] = Nothing
) -> Operation:
    return Operation(
        method="POST",
        path=f"/messages/{{recording}}/{what}",
        scope=Scope.MESSAGES_CONTROL,
        room="messages",
        body=body,
        gives=messages.MessageDone,
        problems=_OF_MESSAGES,
        is_verb=True,
        view=cast(Callable[[Asked[Taken, Taken]], Answer], view),
    )


OPERATIONS: tuple[Operation, ...] = (
    _reads(
        "/calls",
        Scope.CALLS_READ,
        reading.list_calls,
        shapes.CallsShown,
        room="calls",
        query=takes.CallsQuery,
    ),
    _does(
        "/calls",
        doing.originate,
        body=takes.OriginateBody,
        status=201,
        problems=("extension_unknown", "number_unknown", *_OF_VERBS),
    ),
    _reads(
        "/calls/live",
        Scope.CALLS_READ,
        reading.list_live_calls,
        shapes_live.LiveCallsShown,
        room="calls",
    ),
    _reads(
        "/calls/{call}",
        Scope.CALLS_READ,
        reading.show_call,
        shapes.CallShown,
        room="calls",
        problems=("call_unknown",),
    ),
    _reads(
        "/calls/{call}/timeline",
        Scope.CALLS_READ,
        reading.show_timeline,
        shapes.TimelineShown,
        room="calls",
        query=takes.TimelineQuery,
        problems=("call_unknown",),
    ),
    _does("/calls/{call}/hangup", doing.hang_up),
    _does(
        "/calls/{call}/transfer",
        doing.transfer,
        body=takes.TransferBody,
        problems=("extension_unknown", "number_unknown", *_OF_CALL_VERBS),
    ),
    _does(
        "/calls/{call}/consultation",
        doing.end_consultation,
        body=takes.ConsultationBody,
        problems=("not_consulting", *_OF_CALL_VERBS),
    ),
    _does("/calls/{call}/hold", doing.hold),
    _does("/calls/{call}/retrieve", doing.retrieve),
    _does(
        "/calls/{call}/recording",
        doing.set_recording,
        body=takes.RecordingBody,
        problems=("not_recorded", *_OF_CALL_VERBS),
    ),
    _does(
        "/calls/{call}/supervise",
        doing.supervise,
        body=takes.SuperviseBody,
        problems=("extension_unknown", *_OF_CALL_VERBS),
    ),
    _reads(
        "/calls/{call}/recordings",
        Scope.CALLS_READ,
        reading.list_recordings,
        shapes.RecordingsShown,
        room="recordings",
        problems=("call_unknown",),
    ),
    _reads(
        "/recordings/{recording}",
        Scope.CALLS_READ,
        reading.show_recording,
        shapes.RecordingShown,
        room="recordings",
        problems=("recording_unknown",),
    ),
    _reads(
        "/recordings/{recording}/audio",
        Scope.RECORDINGS_READ,
        reading.hear_recording,
        "audio/wav",
        room="recordings",
        problems=("recording_unknown", "range_unknown"),
    ),
    _reads(
        "/messages",
        Scope.MESSAGES_CONTROL,
        messages.list_messages,
        messages.BoxesShown,
        room="messages",
        problems=("control_away", "not_allowed"),
    ),
    _on_message("mark", messages.mark_message, body=messages.MarkBody),
    _on_message("delete", messages.delete_message),
    _reads(
        "/callbacks",
        Scope.CALLS_READ,
        callbacks.list_callbacks,
        callbacks.CallbacksShown,
        room="callbacks",
    ),
    Operation(
        method="POST",
        path="/callbacks/{callback}/cancel",
        scope=Scope.CALLS_CONTROL,
        room="callbacks",
        gives=callbacks.CallbackDone,
        problems=("callback_unknown", "already", "busy", "not_allowed", "control_away"),
        is_verb=True,
        view=cast(Callable[[Asked[Taken, Taken]], Answer], callbacks.cancel_callback),
    ),
    _reads("/agents", Scope.CALLS_READ, reading.list_agents, shapes.AgentsShown, room="agents"),
    _reads(
        "/agents/{agent}",
        Scope.CALLS_READ,
        reading.show_agent,
        shapes.AgentShown,
        room="agents",
        problems=("agent_unknown",),
    ),
    _does(
        "/agents/{agent}/state",
        doing.set_agent,
        body=takes.AgentStateBody,
        scope=Scope.AGENTS_CONTROL,
        room="agents",
        problems=("agent_unknown", "extension_unknown", *_OF_VERBS),
    ),
    _reads("/queues", Scope.CALLS_READ, reading.list_queues, shapes.QueuesShown, room="box"),
    _reads("/lines", Scope.CALLS_READ, reading.list_lines, shapes.LinesShown, room="box"),
    *FLOW_OPERATIONS,
    *PROMPT_OPERATIONS,
    _reads(
        "/hours",
        Scope.CALLS_READ,
        hours.show_hours,
        hours.HoursShown,
        room="box",
        query=takes.HoursQuery,
        problems=("moment_unknown",),
    ),
    _reads(
        "/reports/daily",
        Scope.REPORTS_READ,
        reading.daily,
        DailyReport,
        room="box",
        query=takes.ReportQuery,
    ),
    _reads(
        "/events",
        Scope.EVENTS_READ,
        streaming.stream_events,
        "text/event-stream",
        room="events",
        query=takes.EventsQuery,
        problems=("readers_full",),
    ),
    _reads(
        "/events/past",
        Scope.EVENTS_READ,
        streaming.list_events,
        streaming.EventsShown,
        room="events",
        query=takes.PastEventsQuery,
    ),
)
