"""Tokens of the API: how they look, what is kept of them, and what each may do.

A token is 256 random bits, shown once where it is made; only its SHA-256 is stored. Nothing that
long can be guessed or tried through, so no slow hash is needed, and a stolen settings.db opens
nothing.
"""

import hashlib
from enum import StrEnum

from appliance.vocabulary.ids import Utc
from appliance.vocabulary.shape import Value

PREFIX = "linghe_"
"""So that a token that lies around in a log or a repository is known for what it is."""
RANDOM_BYTES = 32


class Scope(StrEnum):
    """What a token may do; each is given by its name, none contains another."""

    CALLS_READ = "calls:read"
    """Calls, agents, queues and lines: who called when, and what goes on now."""
    CALLS_CONTROL = "calls:control"
    """Originate, hang up, transfer, hold, supervise, and control recordings."""
    AGENTS_CONTROL = "agents:control"
    RECORDINGS_READ = "recordings:read"
    """Listen to recordings."""
    MESSAGES_CONTROL = "messages:control"
    """List voicemail messages, mark and delete them; the sound is recordings:read."""
    REPORTS_READ = "reports:read"
    EVENTS_READ = "events:read"
    FLOWS_READ = "flows:read"
    FLOWS_WRITE = "flows:write"
    """Save drafts, publish and put back: what callers hear."""
    PROMPTS_READ = "prompts:read"
    """List own recordings and hear them."""
    PROMPTS_WRITE = "prompts:write"
    """Add, replace, put back and remove them."""


class Token(Value, frozen=True, kw_only=True):
    """One token, as it is kept."""

    name: str
    """Who uses it; stands in the audit log and in the calls' timelines."""
    digest: str
    scopes: tuple[Scope, ...]
    made: Utc
    made_by: str
    last_used: Utc | None = None
    """To the minute."""

    def may(self, scope: Scope) -> bool:
        """Say whether it has been given this."""
        return scope in self.scopes


def token_text(random_bytes: bytes) -> str:
    """Return the token that these 32 random bytes make; it is shown once."""
    return PREFIX + random_bytes[:RANDOM_BYTES].hex()


def token_digest(text: str) -> str:
    """Return what is stored of a token: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(b"linghe token " + text.encode("utf-8", "replace")).hexdigest()
