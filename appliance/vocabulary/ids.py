"""Identities and quantities. Every id is a NewType; a bare `id` appears nowhere."""

from typing import NewType

CallId = NewType("CallId", str)
"""One call with all its legs, first ring to last hang-up. Ours; `sip_call_id` is the header."""
LegId = NewType("LegId", str)
"""One party's side of a call."""
VisitId = NewType("VisitId", str)
"""One stay of one call in one queue."""
RecordingId = NewType("RecordingId", str)
"""One recording; a call may have several segments."""
PlayId = NewType("PlayId", str)
"""One act of playing something to a leg; a late PlayEnded of an older one is ignored."""

AgentId = NewType("AgentId", str)
"""工号: what a person keys in to sign in."""
QueueId = NewType("QueueId", str)
ExtensionNumber = NewType("ExtensionNumber", str)
TrunkId = NewType("TrunkId", str)
WebhookId = NewType("WebhookId", str)
TableId = NewType("TableId", str)
ServiceId = NewType("ServiceId", str)
FlowId = NewType("FlowId", str)
GroupId = NewType("GroupId", str)
"""A ring group."""
NodeName = NewType("NodeName", str)
CalendarId = NewType("CalendarId", str)
CallbackId = NewType("CallbackId", str)
SurveyId = NewType("SurveyId", str)
BoxName = NewType("BoxName", str)
"""A voicemail box."""
PromptHash = NewType("PromptHash", str)
"""SHA-256 (hex) of a prompt's A-law bytes: the proof of what was played."""

Instant = NewType("Instant", float)
"""Seconds on the machine's monotonic clock: same for all processes, goes on over their restarts."""
Utc = NewType("Utc", float)
"""Seconds since 1970-01-01 UTC. Utc = Instant + the offset last told by ClockSet."""
Seconds = NewType("Seconds", float)
