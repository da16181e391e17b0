"""Operations on callbacks: listed, cancelled."""

import secrets

from appliance.vocabulary.callbacks import CallbackPhase, CallbackRow
from appliance.vocabulary.ids import CallbackId
from appliance.vocabulary.verbs import AskId, CancelCallback
from webadmin.access import note
from webadmin.api.control import done
from webadmin.api.door import asker
from webadmin.api.operation import Asked, Nothing, Shown
from webadmin.api.shapes import AtThisMoment, when
from webadmin.box import live_feed


class CallbackTryShown(Shown, frozen=True, kw_only=True):
    """One time that the customer was rung."""

    at: str | None
    agent: str | None
    call: str
    result: str
    """answered, or why not (no_answer, busy, …); empty while it goes on."""


class CallbackShown(Shown, frozen=True, kw_only=True):
    """One callback."""

    callback: str
    number: str
    name: str
    queue: str
    phase: CallbackPhase
    first_call: str
    """The call in which it was asked for."""
    asked: str | None
    waiting_since: str | None
    """What its place in the queue goes by."""
    not_before: str | None
    tries: tuple[CallbackTryShown, ...]
    ended: str | None
    reason: str
    """failed: tries, expired, forbidden, queue_removed. cancelled: who did it."""


class CallbacksShown(AtThisMoment, frozen=True, kw_only=True):
    """Those that are open, by their place, then the latest fifty that are over."""

    callbacks: tuple[CallbackShown, ...]


class CallbackDone(Shown, frozen=True, kw_only=True):
    """It was done."""

    callback: str


def list_callbacks(asked: Asked[Nothing, Nothing]) -> CallbacksShown:
    """Customers who are to be called back, are being, or could not be."""
    picture = live_feed().now()
    live = picture.live
    return CallbacksShown(
        at=None if live is None else when(live.at),
        is_away=picture.is_away,
        callbacks=() if live is None else tuple(map(_shown, live.callbacks)),
    )


def cancel_callback(asked: Asked[Nothing, Nothing]) -> CallbackDone:
    """Give up a pending callback; one that is being called back at this moment is busy."""
    callback = CallbackId(asked.path["callback"])
    done(CancelCallback(ask=AskId(secrets.token_hex(8)), by=asker(), callback=callback))
    note("callback_cancelled", callback, by=asker())
    return CallbackDone(callback=callback)


def _shown(one: CallbackRow) -> CallbackShown:
    return CallbackShown(
        callback=one.callback,
        number=one.number,
        name=one.name,
        queue=one.queue,
        phase=one.phase,
        first_call=one.first,
        asked=when(one.asked),
        waiting_since=when(one.since),
        not_before=when(one.not_before),
        tries=tuple(
            CallbackTryShown(at=when(it.at), agent=it.agent, call=it.call, result=it.result)
            for it in one.tries
        ),
        ended=when(one.ended),
        reason=one.reason,
    )
