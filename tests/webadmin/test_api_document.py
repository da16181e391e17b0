"""The OpenAPI document says what the code does, and says it whole."""

import json

import jsonschema_rs
import pytest
from api_stage import API, Program, has_token
from web_stage import Stage

from appliance.vocabulary.facts_handling import SupervisionWay
from appliance.vocabulary.public_events import PUBLIC_EVENTS, AnyPublicEvent
from appliance.vocabulary.tokens import Scope
from appliance.vocabulary.verbs import PROBLEMS, AgentWish, RecordingWish
from webadmin.api.document import document, field_words
from webadmin.api.operations import OPERATIONS
from webadmin.api.takes import OriginateBody
from webadmin.problems import KEYS


def test_document_is_told_to_any_token(full: Stage) -> None:
    program = Program(full, has_token(full, Scope.REPORTS_READ))
    told = json.loads(program.get("/openapi.json").text)
    assert told == json.loads(json.dumps(document()))


def test_every_schema_is_one(full: Stage) -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


def test_every_route_of_the_app_stands_in_it_and_nothing_else(full: Stage) -> None:
    routes = set()
    for rule in full.app.url_map.iter_rules():
        if rule.rule.startswith(API):
            path = rule.rule.removeprefix(API).replace("<", "{").replace(">", "}")
            routes |= {(method, path) for method in rule.methods - {"HEAD"}}
    told = {
        (method.upper(), path)
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert routes == told


def test_every_operation_has_words_and_a_name_of_its_own() -> None:
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)
    for operation in OPERATIONS:
        assert operation.summary.endswith(".") and operation.scope is not None


def test_attribute_docstrings_become_descriptions() -> None:
    words = field_words(OriginateBody)
    assert words == {"number": "As that phone would dial it, outbound prefix included."}
    schema = document()["components"]["schemas"]["OriginateBody"]
    assert schema["properties"]["number"]["description"] == words["number"]
    assert schema["additionalProperties"] is False


def test_no_problem_of_control_is_without_a_key_here() -> None:
    assert set(PROBLEMS) <= set(KEYS)


def test_names_of_events_that_can_be_asked_for_are_all_of_them() -> None:
    assert set(PUBLIC_EVENTS) == {one.__struct_config__.tag for one in AnyPublicEvent.__args__}


@pytest.mark.parametrize("kind", [SupervisionWay, RecordingWish, AgentWish])
def test_words_of_the_vocabulary_are_the_documents_own(kind) -> None:
    schema = document()["components"]["schemas"][kind.__name__]
    assert schema["enum"] == sorted(kind)
