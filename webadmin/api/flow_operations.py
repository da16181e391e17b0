"""The operations on flows and on the tables that they ask, for the list in operations.py."""

from collections.abc import Callable
from typing import TypeVar, cast

from msgspec import Struct

from appliance.vocabulary.tokens import Scope
from webadmin.api import flow_takes as takes
from webadmin.api import flows, tables
from webadmin.api.operation import Answer, Asked, Nothing, Operation, Taken

Q = TypeVar("Q", bound=Taken)
B = TypeVar("B", bound=Taken)


def _of(
    address: str,
    view: Callable[[Asked[Q, B]], Answer],
    gives: type[Struct],
    *,
    query: type[Taken] = Nothing,
    body: type[Taken] = Nothing,
    changes: bool = False,
    problems: tuple[str, ...] = ("flow_unknown",),
) -> Operation:
    return Operation(
        method=address.partition(" ")[0],
        path=address.partition(" ")[2],
        scope=Scope.FLOWS_WRITE if changes else Scope.FLOWS_READ,
        room="flows",
        query=query,
        body=body,
        gives=gives,
        problems=problems,
        is_verb=changes,
        view=cast(Callable[[Asked[Taken, Taken]], Answer], view),
    )


_OF_CHANGES = ("flow_unknown", "flow_faulty", "already", "not_allowed")

FLOW_OPERATIONS: tuple[Operation, ...] = (
    _of("GET /flows", flows.list_flows, flows.FlowsShown, problems=()),
    _of(
        "GET /flows/{flow}",
        flows.show_flow,
        flows.FlowShown,
        query=takes.FlowQuery,
        problems=("flow_unknown", "version_unknown", "draft_unknown"),
    ),
    _of("GET /flows/{flow}/versions", flows.list_versions, flows.VersionsShown),
    _of(
        "GET /flows/{flow}/diff",
        flows.diff_flow,
        flows.DiffShown,
        query=takes.DiffQuery,
        problems=("flow_unknown", "version_unknown", "draft_unknown"),
    ),
    _of(
        "GET /flows/{flow}/draft",
        flows.show_draft,
        flows.DraftShown,
        problems=("flow_unknown", "draft_unknown"),
    ),
    _of(
        "PUT /flows/{flow}/draft",
        flows.save_draft,
        flows.DraftShown,
        body=takes.DraftBody,
        changes=True,
        problems=("flow_unknown", "draft_other"),
    ),
    _of(
        "DELETE /flows/{flow}/draft",
        flows.drop_draft,
        flows.DraftGone,
        changes=True,
        problems=("flow_unknown", "draft_unknown"),
    ),
    _of(
        "POST /flows/{flow}/publish",
        flows.publish_flow,
        flows.PublishedShown,
        body=takes.PublishBody,
        changes=True,
        problems=("draft_unknown", "draft_old", *_OF_CHANGES),
    ),
    _of(
        "POST /flows/{flow}/rollback",
        flows.roll_back_flow,
        flows.PublishedShown,
        body=takes.RollBackBody,
        changes=True,
        problems=("version_unknown", *_OF_CHANGES),
    ),
    _of(
        "POST /flows/{flow}/check",
        flows.check_flow_document,
        flows.FaultsShown,
        body=takes.FlowBody,
    ),
    _of(
        "POST /flows/{flow}/dry-run",
        flows.try_flow,
        flows.DryRunShown,
        body=takes.DryRunBody,
        problems=("flow_unknown", "version_unknown", "draft_unknown", "moment_unknown"),
    ),
    _of("GET /tables", tables.list_tables, tables.TablesShown, problems=()),
    _of(
        "DELETE /tables/{table}/rows",
        tables.remove_table_rows,
        tables.TableRowsGone,
        changes=True,
        problems=("table_unknown", "table_empty"),
    ),
)
