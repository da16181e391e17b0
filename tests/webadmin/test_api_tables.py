"""Tables by the API: listed, and their rows removed, by scope and in the audit."""

import io
import json
from typing import Any

import pytest
from api_stage import API, Program, has_token
from msgspec.structs import replace
from web_stage import Stage

from appliance.store.lookup_rows import rows_of
from appliance.store.lookup_tables import LookupTables
from appliance.vocabulary.ids import FlowId, NodeName, TableId, Utc
from appliance.vocabulary.settings import Country, Flow, LookupTable
from appliance.vocabulary.tokens import Scope

CLIENTS = LookupTable(id=TableId("clients"), key="phone")


@pytest.fixture
def stage_of_tables(full: Stage) -> Stage:
    store = full.settings()
    site = store.current()
    who = {"kind": "lookup", "table": "clients", "found": "end"}
    nodes = {NodeName("who"): who, NodeName("end"): {"kind": "hangup"}}
    asks = Flow(id=FlowId("who"), start=NodeName("who"), node=nodes)
    other = LookupTable(id=TableId("other"), key="number")
    store.save(replace(site, table=(CLIENTS, other), flow=(*site.flow, asks)), by="t", at=Utc(1.0))
    store.close()
    source = io.BytesIO(b"phone,level\n139-0000 1111,gold\n")
    rows = rows_of(source, "clients.csv", CLIENTS, Country.CN)
    LookupTables(full.places.tables).put(CLIENTS, rows, file="clients.csv", at=Utc(9.0), by="t")
    return full


def delete(program: Program, path: str) -> Any:
    return program.client.delete(API + path, headers=program.headers)


def test_a_program_empties_a_table_once(stage_of_tables: Stage) -> None:
    has_token(stage_of_tables)
    program = Program(stage_of_tables)
    clients, other = json.loads(program.get("/tables").text)["tables"]
    assert (clients["table"], clients["rows"], clients["columns"], clients["flows"]) == (
        *("clients", 1, ["phone", "level"]),
        ["who"],
    )
    assert (other["table"], other["rows"], other["at"]) == ("other", None, None)
    gone = delete(program, "/tables/clients/rows")
    assert (gone.status_code, json.loads(gone.text)) == (200, {"table": "clients"})
    assert stage_of_tables.acts()[0] == "table_removed"
    assert json.loads(program.get("/tables").text)["tables"][0]["rows"] is None
    assert program.problem(delete(program, "/tables/clients/rows")) == (409, "table_empty")
    assert program.problem(delete(program, "/tables/nobodys/rows")) == (404, "table_unknown")


def test_who_may_only_read_removes_nothing(stage_of_tables: Stage) -> None:
    has_token(stage_of_tables, Scope.FLOWS_READ)
    program = Program(stage_of_tables)
    assert program.get("/tables").status_code == 200
    assert program.problem(delete(program, "/tables/clients/rows")) == (403, "scope_missing")
