"""Two things that `linghe apply` must not get wrong: another one beside it, and a box that dies.

What the box makes (phones' passwords, webhooks' secrets) is shown once. So of two that run at once
one waits, or each would show passwords that the other's site lacks; and what control says, or
leaves unsaid because it was killed, is told after them and not in their place.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.verb import note
from appliance.store.site_file import SecretsGiven
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import WebhookId
from appliance.vocabulary.linghe_json import Trouble
from appliance.wire.control import Refused, ReloadSite


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait for another one that works on the same box; it lets go however it ends."""
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note("Another `linghe apply` is at work; this one waits for it.")
            fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def taken_up(control_socket: Path) -> tuple[bool, Trouble | None]:
    """Tell control of the saved site. Return whether it runs, and why it did not take it up."""
    try:
        answer = asked(control_socket, ReloadSite())
    except EquipmentError as error:
        return True, Trouble(key="failed", sentence=f"The site is saved, but {error}")
    if isinstance(answer, Refused):
        sentence = f"The box did not take it up: {answer.sentence}"
        return True, Trouble(key=answer.key, sentence=sentence)
    return answer is not None, None


def tell_made(given: SecretsGiven, made_hooks: Mapping[WebhookId, str]) -> None:
    """Show what is shown once, at once: nothing that comes after may cost it."""
    for number, secret in given.made.items():
        print(f"Phone {number}: the box made its password, shown this once: {secret}", flush=True)
    for hook, secret in made_hooks.items():
        print(f"Webhook {hook}: the box made its secret, shown this once: {secret}", flush=True)
