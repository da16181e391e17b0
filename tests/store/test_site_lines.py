"""Line numbers of a TOML text's tables and keys."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from appliance.store.site_lines import line_of, lines_of

TEXT = '''\
top = 1
# [no.table]
[site] # a comment
name = "a ] # no comment"
[[queue]]
id = "one"
agents = [
  "[[x]]", # = ]
  "2",
]
[[queue]]
id = 'two'
long = """
[site]
name = "no"
"""
after = 1
[[flow]]
[flow.node.menu]
keys = { "1" = "a", "*" = "b" }
"quoted key".sub = 1
[[flow]]
[flow.node."menu two"]
text = 1
'''


def test_tables_keys_and_rows_are_found_on_their_lines() -> None:
    tomllib.loads(TEXT)
    lines = lines_of(TEXT)
    assert lines[("top",)] == 1
    assert lines[("site",)] == 3
    assert lines[("site", "name")] == 4
    assert lines[("queue", 0)] == 5
    assert lines[("queue", 0, "agents")] == 7
    assert lines[("queue", 1, "id")] == 12
    assert lines[("queue", 1, "after")] == 17
    assert lines[("flow", 0, "node", "menu", "quoted key", "sub")] == 21
    assert lines[("flow", 1, "node", "menu two", "text")] == 24


def test_what_has_no_line_of_its_own_is_told_at_what_is_around_it() -> None:
    lines = lines_of(TEXT)
    assert line_of(("flow", 0, "node", "menu", "keys", "1"), lines) == 20
    assert line_of(("queue", 0, "missing"), lines) == 5
    assert line_of(("elsewhere",), lines) is None


@given(st.text())
def test_any_text_at_all_ends(text: str) -> None:
    assert lines_of(text)[()] == 1
