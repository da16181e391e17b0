"""How the sending of voicemail by e-mail is, for `linghe doctor`."""

import time

from appliance.daemons.paths import Paths
from appliance.store.mail_queue import MailQueue
from appliance.vocabulary.ids import Utc

GIVEN_UP_S = 7 * 86_400.0


def mail_found(paths: Paths) -> tuple[str, str]:
    """Return a sentence, and a remedy where something is wrong."""
    queue = MailQueue(paths.mail, is_writer=False)
    try:
        failing = [one for one in queue.waiting() if one.attempts]
        lost = queue.given_up(Utc(time.time() - GIVEN_UP_S))
    finally:
        queue.close()
    if failing:
        hours = (time.time() - min(one.added for one in failing)) / 3600
        return (
            f"{len(failing)} wait, the oldest for {hours:.1f} h: {failing[0].error}.",
            "see [mail] in the site file and the server itself; it is tried again for three days",
        )
    if lost:
        return (
            f"{len(lost)} given up within a week, the last to {lost[-1].recipient}:"
            f" {lost[-1].error}.",
            "put the address right in [[voicemail_box]]; the messages are on the page Messages",
        )
    return "nothing waits.", ""
