"""docs/flows.md: its sample is taken as it stands, and it names every kind of node and its keys."""

import re
from pathlib import Path

import pytest

from appliance.engines.ivr.nodes import NODES
from appliance.engines.ivr.nodes.node import Node
from appliance.store.site_file import read_site
from appliance.vocabulary.settings import Site

DOCUMENT = Path(__file__).parents[2] / "docs" / "flows.md"
REST = """
[[extension]]
number = "8001"

[[queue]]
id = "sales"
"""


def test_its_sample_is_a_site() -> None:
    samples = re.findall(r"(?m)^    (.*)$", DOCUMENT.read_text())
    site, _ = read_site("\n".join(samples) + REST, "flows.md", before=Site(), random_bytes=bytes)
    assert [flow.id for flow in site.flow] == ["main"]


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.kind)
def test_it_names_every_kind_and_its_keys(node: type[Node]) -> None:
    (row,) = re.findall(rf"^\| `{node.kind}` \|.*$", DOCUMENT.read_text(), re.MULTILINE)
    own = set(node.__struct_fields__) - set(Node.__struct_fields__)
    wanted = own if node.kind not in ("dial", "directory") else {"ring_seconds"}
    assert {key for key in wanted if f"`{key}`" not in row} == set()
