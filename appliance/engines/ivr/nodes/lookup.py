"""lookup: finds a row of a table of the site, and keeps its columns in variables."""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.nodes.looking import LookingNode
from appliance.engines.ivr.nodes.node import Turn, Wrong
from appliance.vocabulary.ids import TableId
from appliance.vocabulary.lookups import Question, TableQuestion
from appliance.vocabulary.settings import Site


class LookupNode(LookingNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: table, key, columns, found, not_found, otherwise, is_private, timeout_seconds, text."""

    kind: ClassVar[str] = "lookup"

    table: TableId
    key: str = "{caller}"
    """What is looked up in the table's key column."""
    columns: dict[str, str] = {}
    """Variable to column; left out: each column into the variable of its name."""
    timeout_seconds: Annotated[float, Meta(gt=0, le=10)] = 2

    @property
    def patience(self) -> float:
        """Seconds that the caller may wait for the answer."""
        return self.timeout_seconds

    def wrongs(self, site: Site) -> list[Wrong]:
        """The table must be one of the site's."""
        found = self.wrong_variables("columns", self.columns)
        names = [table.id for table in site.table]
        if self.table not in names:
            listed = ", ".join(names) or "none"
            found.append(Wrong(key="table", expected=f"a [[table]] of this site: {listed}"))
        return found

    def question(self, turn: Turn) -> Question:
        """Which row is it?"""
        return TableQuestion(table=self.table, key=turn.filled(self.key), columns=self.columns)
