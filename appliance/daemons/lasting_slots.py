"""Which slots of control outlive the machine's next start, and what of them a backup takes along.

A power cut ends every call; what people were promised stays: a forwarding, do not disturb, who is
signed in, messages, callbacks, emergency mode. A backup carries just that, of a machine that was
started at another time, so that a restored box does with it what it does after a power cut.
"""

OWN = ("clock", "clean", "starts", "ledger:", "names", "heard:")
"""Slots of the daemon itself, of no machine of the core."""
PROMISED = ("own:", "emergency")
"""Slots that change only where somebody is told of it."""
KEPT = (*PROMISED, "box:", "back:", "agent:", "queue:", "seal:", "asked:")
"""Slots of the core that outlive a restart of the machine."""
LASTING = (*OWN, *KEPT)

CLOCK = "clock"
BACKED_UP = (*KEPT, CLOCK, "ledger:")
"""`ledger:` are entries that may not stand in calls.db yet; who writes them twice has them once."""
OTHER_BOOT = "of a backup"
"""No kernel has this name for a start of its machine."""
