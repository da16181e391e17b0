"""Which phones and programs were tried, as the test run wrote it down (tests/compatibility.py)."""

from functools import cache
from pathlib import Path

import msgspec

from appliance.vocabulary.shape import Value

FILE = Path(__file__).with_name("compatibility.json")


class Story(Value, frozen=True, kw_only=True):
    """One test that used the program."""

    test: str
    """tests/peers/test_x.py::test_caller_hears_…"""
    works: bool

    @property
    def words(self) -> str:
        """The story in words: test names are sentences."""
        name = self.test.rpartition("::")[2].removeprefix("test_")
        return name.replace("_", " ")


class Program(Value, frozen=True, kw_only=True):
    """One phone or program, in one version."""

    program: str
    version: str
    stories: tuple[Story, ...]

    @property
    def working(self) -> int:
        """How many of its stories passed; the page's template asks."""
        return sum(story.works for story in self.stories)


class Compatibility(Value, frozen=True, kw_only=True):
    """The whole file."""

    made: str
    """Date of the run, ISO 8601."""
    linghe: str
    programs: tuple[Program, ...]


@cache
def compatibility() -> Compatibility:
    """Return what is in the file."""
    return msgspec.json.decode(FILE.read_bytes(), type=Compatibility)
