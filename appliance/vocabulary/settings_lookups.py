"""What flows of a site may ask: tables that the site gave, services in its network."""

from appliance.vocabulary.ids import ServiceId, TableId
from appliance.vocabulary.shape import Value


class LookupTable(Value, frozen=True, kw_only=True):
    """[[table]]: rows that `linghe table` takes from a CSV or SQLite file."""

    id: TableId
    key: str
    """The column that is looked up by."""
    query: str = ""
    """SQLite: the SELECT that gives all rows; left out: the file's only table."""


class Service(Value, frozen=True, kw_only=True):
    """[[service]]: who is asked over HTTP, and nobody else is. `secret` stands in the secrets
    file, found by id."""

    id: ServiceId
    url: str
    """What every question's address begins with."""
    header: str = "Authorization"
    """Its secret is sent in this header."""
