"""What `linghe` says as JSON of a site, its flows, prompts and music: to the pages, which run it.

One definition for who says it and who reads it. Fields are only added: people's own programs read
them as well.
"""

from appliance.vocabulary.ids import ExtensionNumber, FlowId, PromptHash, QueueId, Utc, WebhookId
from appliance.vocabulary.shape import Value


class Difference(Value, frozen=True, kw_only=True):
    """Of one kind of thing, or of one table that a site has one of."""

    kind: str
    """A word for one kind ("phone"), or the table's name ("site")."""
    added: tuple[str, ...] = ()
    changed: dict[str, tuple[str, ...]] = {}
    """By name: the keys that are different. A table that there is one of has the name ""."""
    removed: tuple[str, ...] = ()


class Checked(Value, frozen=True, kw_only=True):
    """A file that could be applied."""

    site_version: int
    """That holds now, and that the rest is compared with."""
    would_change: bool
    differences: tuple[Difference, ...]
    passwords: tuple[str, ...]
    """Whose password or secret would be another: "trunk telco", "mail"."""
    phones: tuple[str, ...]
    """Whose password the box would make."""
    advice: tuple[str, ...]


class Trouble(Value, frozen=True, kw_only=True):
    """The site is saved, and control did not take it up at once."""

    key: str
    sentence: str


class Applied(Value, frozen=True, kw_only=True):
    """A file that was applied."""

    site_version: int
    changed: bool
    running: bool
    all_prompts_made: bool | None
    """null: none were to be made."""
    made_secrets: dict[ExtensionNumber, str]
    """Of phones."""
    made_webhook_secrets: dict[WebhookId, str]
    error: Trouble | None = None


class Published(Value, frozen=True, kw_only=True):
    """What became of a flow that was published, or rolled back."""

    flow: FlowId
    version: int
    site_version: int
    running: bool
    all_prompts_made: bool | None
    """null: none were to be made."""


class PromptVersion(Value, frozen=True, kw_only=True):
    """One recording of a prompt."""

    version: int
    prompt: PromptHash
    seconds: float
    at: Utc
    by: str
    origin: str
    """file, phone, microphone, text."""


class OwnPrompt(Value, frozen=True, kw_only=True):
    """One prompt of the owner's."""

    name: str
    versions: tuple[PromptVersion, ...]
    """Newest first: that one is played."""
    users: tuple[str, ...]
    """Who names it: "flow main, node hello", "queue orders"."""


class MusicPiece(Value, frozen=True, kw_only=True):
    """One piece of music that callers hear while they wait."""

    name: str
    prompt: PromptHash
    seconds: float
    dbm0: float
    """Its loudness."""
    is_shipped: bool
    added: Utc
    """When; 0 for what is shipped."""
    is_sites: bool
    """What the site plays, where a queue says nothing else."""
    queues: tuple[QueueId, ...]
    bars: tuple[int, ...]
    """Loudness of equal parts, per cent of the loudest."""
