"""How each webhook does, for its lamp: from the site, from jobs' own file, and from the journal."""

import time

from appliance.reports.public_events import Announcer, public_name
from appliance.store.journal_tail import JournalTail
from appliance.store.webhooks import GivenUp, HookState, HookTest, WebhookStates
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Webhook
from appliance.vocabulary.shape import Value
from webadmin.stores import places, settings, site

MOST_COUNTED = 1000
"""Rows of the journal that are looked at for a backlog; more is told as "and more"."""
SHOWN_GIVEN_UP = 20
TEST_S = 15.0
"""So long a test is waited for; jobs may be restarting."""


class HookShown(Value, frozen=True, kw_only=True):
    """One webhook as the page shows it."""

    hook: Webhook
    lamp: str
    """good | bad | pause | off"""
    state: HookState | None
    backlog: int
    is_more: bool
    """There are more rows than were counted."""
    next_try_in: float | None
    test: HookTest | None
    is_testing: bool
    given_up: tuple[GivenUp, ...]


def hooks_shown(test: int) -> list[HookShown]:
    """Return all webhooks of the site; `test`: a test that was asked for just now, 0 for none."""
    states = WebhookStates(places().webhooks, is_writer=False)
    tail = JournalTail(places().calls)
    try:
        return [_shown(hook, states, tail, test) for hook in site().webhook]
    finally:
        tail.close()
        states.close()


def _shown(hook: Webhook, states: WebhookStates, tail: JournalTail, test: int) -> HookShown:
    state = states.state(hook.id)
    latest = states.last_test(hook.id)
    row = None if state is None else state.row
    backlog, is_more = (0, False) if row is None else _backlog(hook, row, tail)
    next_try = state.next_try - time.time() if state is not None and state.attempts else None
    known = 0 if (last := states.last_test()) is None else last.number
    return HookShown(
        hook=hook,
        lamp=_lamp(hook, state),
        state=state,
        backlog=backlog,
        is_more=is_more,
        next_try_in=None if next_try is None else max(next_try, 0.0),
        test=latest,
        is_testing=bool(test) and known < test and _is_fresh(test),
        given_up=tuple(states.given_up(hook.id, SHOWN_GIVEN_UP)),
    )


def _is_fresh(test: int) -> bool:
    """Say whether a test was asked for so lately that its result may still come."""
    wishes = settings().webhook_wishes.after(test - 1)
    return bool(wishes) and Utc(time.time()) - wishes[0].at < TEST_S


def _lamp(hook: Webhook, state: HookState | None) -> str:
    if not hook.enabled:
        return "off"
    if state is None or state.failing_since is not None:
        return "pause" if state is None else "bad"
    return "good"


def _backlog(hook: Webhook, row: int, tail: JournalTail) -> tuple[int, bool]:
    announcer, wanted = Announcer(tail.before), frozenset(hook.events)
    rows = tail.after(row, MOST_COUNTED)
    events = [announcer.event(number, entry) for number, entry in rows if entry is not None]
    waiting = [one for one in events if one and (not wanted or public_name(one) in wanted)]
    return len(waiting), len(rows) == MOST_COUNTED
