"""What the operations on flows take."""

from typing import Annotated

from msgspec import Meta

from appliance.vocabulary.settings import Language
from webadmin.api.operation import Taken
from webadmin.api.takes import Moment

LARGEST = 2**53
NodeText = Annotated[str, Meta(pattern=r"^(?![\s\S]*\n)[^\s\x00-\x1f\x85]{1,64}$")]
"""No space, as Python and ECMAScript know it; and Python's $ is before a last line end too."""
Whole = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Number = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Plain = str | bool | Whole | Number
Setting = Plain | list[Plain] | dict[str, Plain | list[Plain]]
VariableText = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")]
FoundText = Annotated[str, Meta(max_length=200)]
WhyText = Annotated[str, Meta(max_length=200)]
VersionText = Annotated[str, Meta(pattern="^([1-9][0-9]{0,8}|draft)$")]


class FlowBody(Taken, frozen=True, kw_only=True):
    """A flow as a document; it need not be right yet."""

    start: NodeText
    """The node where it begins."""
    node: dict[NodeText, dict[str, Setting]] = {}
    """Each node by its name: `kind`, and that kind's keys, as in a site file."""
    language: Language | None = None
    """Of its texts; null: the site's."""


class DraftBody(FlowBody, frozen=True, kw_only=True):
    """A draft, in the place of the one that there is."""

    why: WhyText = ""
    """For the history."""
    based_on: Annotated[int, Meta(ge=0, le=999999999)] | None = None
    """The version that it was made from; where another one holds by then it is not published
    (draft_old). null: the one that holds now."""
    seen: Annotated[str, Meta(max_length=32)] | None = None
    """`stamp` of the draft that this one takes the place of; empty: there was none. Where another
    one is kept by then, nothing is saved (draft_other). null: it may take the place of your own
    draft, never of somebody else's."""


class PublishBody(Taken, frozen=True, kw_only=True):
    """Make the draft what callers hear."""

    why: WhyText = ""
    """For the history; empty: as the draft says."""


class RollBackBody(Taken, frozen=True, kw_only=True):
    """Put an older version back."""

    version: Annotated[int, Meta(ge=1, le=999999999)] | None = None
    """null: the one before."""
    why: WhyText = ""
    """For the history."""


class FlowQuery(Taken, frozen=True, kw_only=True):
    """Which version of the flow."""

    version: VersionText | None = None
    """A number, or draft; left out: the newest."""


class DiffQuery(Taken, frozen=True, kw_only=True):
    """Between which two versions."""

    was: VersionText | None = None
    """Left out: the version before, or for a draft the newest one."""
    now: VersionText | None = None
    """Left out: the newest."""
    language: Language = Language.EN


class DryRunBody(Taken, frozen=True, kw_only=True):
    """A caller who is none."""

    version: VersionText | None = None
    """A number, or draft; null: what is published."""
    keys: Annotated[str, Meta(pattern="^[0-9*#A-D.]{0,60}$")] = ""
    """In the order in which they are pressed; "." is a silence."""
    at: Moment | None = None
    """null: now, by the box's clock."""
    caller: Annotated[str, Meta(max_length=32)] = ""
    called: Annotated[str, Meta(max_length=32)] = ""
    is_answered: bool = True
    """Phones that the flow rings are."""
    found: Annotated[dict[VariableText, FoundText], Meta(max_length=40)] = {}
    """What tables and services know of the caller: name = Anna. Empty: nothing."""
    language: Language = Language.EN
    """Of `text`."""
