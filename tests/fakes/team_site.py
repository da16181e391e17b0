"""A queue of one team that callers of a trunk's number reach, and are called back from: tables for
desk_box, with the prompts that they say."""

from tone_prompts import phrase, text

TEAM = """
[[queue]]
id = "team"
name = "Team"
wrap_up_seconds = 0
record = false
announce_agent = false
announce_position_seconds = 0
"""
"""More lines of the queue may follow; `agents` has to."""
CALLED_BACK = "callback = { offer_after_seconds = 1, between_minutes = 1, max_tries = 3 }\n"
PROMPTS_CALLED_BACK = [
    (phrase("callback_number"), 750, 0.5),
    (phrase("callback_confirm"), 800, 2.0),
    (phrase("callback_saved"), 900, 0.5),
]
"""What who wishes to be called back hears: Hertz and seconds."""
PROMPTS_CLOSED = [(text("We are closed."), 1050, 0.5), (text("Bye."), 1100, 0.5)]


def straight_to_the_team(number):
    """A number of the trunk whose callers wait for the team at once."""
    return f"""
[[flow]]
id = "straight"
start = "team"
[flow.node.team]
kind = "queue"
queue = "team"

[[route]]
trunk = "carrier"
number = "{number}"
flow = "straight"
"""


def called_back_later(number):
    """A number of the trunk whose callers hear that it is closed, and may be called back."""
    return f"""
[[flow]]
id = "later"
start = "closed"
[flow.node.closed]
kind = "callback"
queue = "team"
text = "We are closed."
otherwise = "bye"
[flow.node.bye]
kind = "hangup"
text = "Bye."

[[route]]
trunk = "carrier"
number = "{number}"
flow = "later"
"""
