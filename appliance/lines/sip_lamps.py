"""Lamps and waiting messages of call control as what SIP phones subscribe to."""

import msgspec

from appliance.protocols.sip.event_packages import Activity
from appliance.protocols.sip.user_agent import UserAgent
from appliance.vocabulary.commands import LampState, ShowLamp, ShowMessages
from appliance.vocabulary.ids import Instant

ACTIVITY_OF = {
    LampState.IDLE: Activity.IDLE,
    LampState.RINGING: Activity.RINGING,
    LampState.TALKING: Activity.TALKING,
    LampState.HELD: Activity.HELD,
    LampState.NOT_READY: Activity.PAUSED,
    LampState.UNREACHABLE: Activity.AWAY,
}


def show(user_agent: UserAgent, command: ShowLamp | ShowMessages, now: Instant) -> None:
    """Tell the phones that have a key, or a message lamp, for it."""
    match command:
        case ShowLamp(name=name, state=state, other=other):
            shown = msgspec.structs.replace(
                user_agent.shown(name), activity=ACTIVITY_OF[state], other=other
            )
        case ShowMessages(extension=name, new=new, old=old):
            shown = msgspec.structs.replace(user_agent.shown(name), new=new, old=old)
    user_agent.show(name, shown, now)
