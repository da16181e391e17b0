"""Site files that nobody would write: refused as a fault of the file, like any other."""

import time

import pytest

from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.settings import Site

DEEP = 20_000
TRUNK = '[[trunk]]\nid = "a"\nhost = "127.0.0.1"\nport = '
NODE = '[[flow]]\nid = "m"\nstart = "a"\n[flow.node.a]\nkind = "menu"\nkeys = '

ODD_FILES = {
    "brackets within brackets": "x = " + "[" * DEEP + "]" * DEEP,
    "tables within tables": "x = " + "{a=" * DEEP + "1" + "}" * DEEP,
    "a node's keys within keys": NODE + "{a=" * DEEP + "1" + "}" * DEEP,
    "a name of many parts": ".".join("a" * DEEP) + " = 1",
    "a header of many parts": "[" + ".".join("a" * DEEP) + "]",
    "a number of 5,000 digits": TRUNK + "9" * 5000,
    "a hexadecimal number of 5,000 digits": TRUNK + "0x" + "f" * 5000,
    "a number beyond all others": TRUNK + "1e400",
    "no number": TRUNK + "nan",
    "a date that is none": "[site]\nname = 2026-02-31",
    "half a character": '[site]\nname = "\\ud800"',
    "a NUL": "[site]\nname = '\0'",
    "a text that never ends": '[site]\nname = """' + "a" * 100_000,
    "a name of a megabyte": '[site]\nname = "' + "王" * 350_000 + '"',
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_a_file_that_nobody_would_write_is_a_fault_of_the_file(name: str) -> None:
    with pytest.raises(SiteError) as refused:
        read_site(ODD_FILES[name], "site.toml", before=Site(), random_bytes=bytes)
    (fault, *_) = refused.value.faults
    assert fault.file == "site.toml" and fault.expected
    assert len(str(refused.value)) < 2_000, "told shortly, however long the file is"


def test_ten_thousand_wrong_rows_are_refused_in_good_time() -> None:
    """Linear in the file: CPU seconds, so that a busy machine makes no difference."""
    text = "\n".join(f'[[queue]]\nid = "q{number}"\ncolour = "red"' for number in range(10_000))
    began = time.process_time()
    with pytest.raises(SiteError):
        read_site(text, "site.toml", before=Site(), random_bytes=bytes)
    assert time.process_time() - began < 20.0


NAMES = (
    '"', "'", "\\", "\\n", "<b>&amp;</b>", "]]>", "=1+2", "@x", "-x", "+x", "{{ 7*7 }}", "%s%n",
    "王" * 40, "\U0001f469", "\u05e9\u05dc\u05d5\u05dd",
    "# not a comment", "[[queue]]", "${HOME}", "`id`", "; DROP TABLE",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_is_written_and_read_as_it_was(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    text = f'[[extension]]\nnumber = "201"\nname = "{quoted}"\nsecret = "pine needles on snow"\n'
    site, _ = read_site(text, "site.toml", before=Site(), random_bytes=bytes)
    assert site.extension[0].name == name
    again, _ = read_site(write_site(site), "again", before=Site(), random_bytes=bytes)
    assert again.extension == site.extension


@pytest.mark.parametrize("char", ["\\n", "\\r", "\\u0000", "\\u001b", "\\u202e", "\\u2028"])
def test_a_name_with_a_control_character_is_refused(char: str) -> None:
    """Line ends, escape sequences, right-to-left overrides: nothing that moves a terminal's text
    or makes two lines of a log out of one can be the name of anything."""
    text = f'[site]\nname = "a{char}b"\n'
    with pytest.raises(SiteError):
        read_site(text, "site.toml", before=Site(), random_bytes=bytes)
