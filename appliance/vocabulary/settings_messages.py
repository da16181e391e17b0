"""What a site says of voicemail boxes and of the mail server that messages are sent by.

A box is made by being named (node `voicemail`, an overflow, a phone's `voicemail_box`); a row here
says what is special about it.
"""

from appliance.vocabulary.ids import AgentId, BoxName, CalendarId, QueueId
from appliance.vocabulary.shape import Value


class VoicemailBoxFacts(Value, frozen=True, kw_only=True):
    """[[voicemail_box]]"""

    id: BoxName
    name: str = ""
    number: str = ""
    """Dialled after *98; empty: the box opens at its own phones only, by *97."""
    pin_digest: str = ""
    """scrypt:salt:hash, made by vocabulary.pins. Empty: the box does not open by phone."""
    calendar: CalendarId | None = None
    """Says which of the two greetings is played; None: always `greeting`."""
    greeting: str = ""
    """In the site's language; empty: the box's own sentence."""
    closed_greeting: str = ""
    """While the calendar is closed; empty: `greeting`."""
    greeting_prompt: str = ""
    """An own prompt that says it; while the box does not have it, the text is spoken."""
    closed_greeting_prompt: str = ""
    shortest_seconds: float = 2
    """Whatever is shorter is of somebody who hung up at the beep: it is no message."""
    longest_seconds: float = 180
    """A message that is longer is cut: a box must not be filled by a phone left off the hook."""
    silence_seconds: float = 8
    """So much silence ends a message; 0: it does not."""
    queues: tuple[QueueId, ...] = ()
    """Their agents see and hear this box on the page."""
    agents: tuple[AgentId, ...] = ()
    """They do too."""
    email: tuple[str, ...] = ()
    """Each message is sent there with its sound, where the site has a mail server."""
    red_after_hours: float = 4
    """Unheard for longer: red on Today and in the daily report."""


class Mail(Value, frozen=True, kw_only=True):
    """[mail]. `secret` stands in the secrets file."""

    server: str = ""
    """Empty: nothing is sent."""
    port: int = 0
    """0: 465 for tls, 587 for starttls, 25 for none."""
    security: str = "starttls"
    """tls, starttls, none."""
    from_: str = ""
    username: str = ""
