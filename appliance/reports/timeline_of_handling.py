"""What the facts of handling a call (vocabulary/facts_handling.py) say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_legs import CALLER
from appliance.reports.timeline_line import Said, duration
from appliance.reports.timeline_of_call import CAUSE_WORDS, Known
from appliance.vocabulary.facts_handling import (
    CallMerged,
    ConferenceBegun,
    ConferenceEnded,
    ConsentAsked,
    ConsultBegun,
    ConsultEnded,
    ConsultFailed,
    ForcedRelease,
    Forwarded,
    Healed,
    Held,
    Parked,
    PickedUp,
    QualityMeasured,
    RecordingMasked,
    RecordingUnmasked,
    Retrieved,
    SupervisionWay,
    SupervisorJoined,
    SupervisorLeft,
    TransferBegun,
    TransferFailed,
    TransferFinished,
    TransferWay,
    Unparked,
)
from appliance.vocabulary.ids import QueueId
from appliance.vocabulary.journal import Direction, Entry, Side

TRANSFER_SENTENCES = {
    TransferWay.BLIND: "{phone} transfers to {target} (blind)",
    TransferWay.ATTENDED: "{phone} transferred to {target} (attended)",
    TransferWay.SEMI_ATTENDED: "{phone} transfers to {target} (still ringing)",
}

BY_A_PROGRAM = "{who} transfers the call of {phone} to {target}"

SUPERVISION_SENTENCES = {
    SupervisionWay.LISTEN: "supervisor {who} listens to {phone}",
    SupervisionWay.WHISPER: "supervisor {who} whispers to {phone}",
    SupervisionWay.BARGE: "supervisor {who} talks with all",
    SupervisionWay.TAKE_OVER: "supervisor {who} takes over from {phone}",
}

FORWARD_SENTENCES = {
    "always": "{phone} forwards all calls: on to {target}",
    "busy": "{phone} is busy: on to {target}",
    "no_answer": "{phone} did not answer: on to {target}",
    "unreachable": "{phone} cannot be reached: on to {target}",
    "do_not_disturb": "{phone} wants no calls: on to {target}",
}


def _held(fact: Held, entry: Entry, known: Known) -> Said:
    if fact.asked_by:
        return Said(text_key="put on hold by {who}", values={"who": fact.asked_by})
    return Said(text_key=_by_side(fact.by, known, "on hold by our side", "on hold by the caller"))


def _retrieved(fact: Retrieved, entry: Entry, known: Known) -> Said:
    if fact.asked_by:
        return Said(text_key="taken off hold by {who}", values={"who": fact.asked_by})
    return Said(text_key="off hold")


def _by_side(side: Side, known: Known, ours: str, theirs: str) -> str:
    """Where we dialled out, CALLER is our own phone."""
    is_ours = (side is Side.AGENT) is not (known.direction is Direction.OUTBOUND)
    return ours if is_ours else theirs


def _transfer(fact: TransferBegun, entry: Entry, known: Known) -> Said:
    return Said(
        text_key=TRANSFER_SENTENCES[fact.way] if not fact.asked_by else BY_A_PROGRAM,
        values={
            "who": fact.asked_by,
            "phone": fact.extension or fact.agent or "",
            "target": known.names.queues.get(QueueId(fact.to), fact.to),
        },
        is_main=True,
    )


def _transferred(fact: TransferFinished, entry: Entry, known: Known) -> Said:
    if fact.queue:
        target = known.names.queues.get(fact.queue, fact.queue)
    else:  # who answered, not the ring group that rang
        target = fact.to if " " in fact.to else known.legs.talker or fact.to
    return Said(text_key="{target} has the call", values={"target": target})


def _not_transferred(fact: TransferFailed, entry: Entry, known: Known) -> Said:
    key = "{target} did not take it ({cause})"
    if fact.is_returned:
        key = "{target} did not take it ({cause}), back to who transferred"
    if fact.extension is not None:
        key = "{phone} wanted to transfer to {target}: {cause}"
    return Said(
        text_key=key,
        values={"phone": fact.extension or "", "target": fact.to, "cause": CAUSE_WORDS[fact.cause]},
        words=("cause",),
        is_main=True,
    )


def _consult(fact: ConsultBegun, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{who} had {phone} ask {target}, the other waits with music"
        if fact.asked_by
        else "{phone} asks {target}, the other waits with music",
        values={
            "who": fact.asked_by,
            "phone": fact.extension or fact.agent or "",
            "target": fact.to,
        },
        is_main=True,
    )


def _not_consulted(fact: ConsultFailed, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{phone} wanted to ask {target}: {cause}",
        values={"phone": fact.extension or "", "target": fact.to, "cause": CAUSE_WORDS[fact.cause]},
        words=("cause",),
        is_main=True,
    )


def _consulted(fact: ConsultEnded, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="spoke {duration} with {target} meanwhile",
        values={"target": fact.to, "duration": duration(fact.seconds)},
    )


def _conference(fact: ConferenceBegun, entry: Entry, known: Known) -> Said:
    known.is_conference = True
    return Said(
        text_key="conference of {parties}",
        values={"parties": ", ".join(one for one in fact.parties if one)},
        is_main=True,
    )


def _conference_over(fact: ConferenceEnded, entry: Entry, known: Known) -> Said:
    known.is_conference = False
    return Said(text_key="conference over after {duration}", values=_lasted(fact.seconds))


def _lasted(seconds: float) -> dict[str, str]:
    return {"duration": duration(seconds)}


def _merged(fact: CallMerged, entry: Entry, known: Known) -> Said:
    return Said(text_key="goes on in call {call}", values={"call": fact.into}, is_main=True)


def _parked(fact: Parked, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{phone} parked it at {slot}" if fact.extension else "parked at {slot}",
        values={"phone": fact.extension or "", "slot": fact.slot},
        is_main=True,
    )


def _unparked(fact: Unparked, entry: Entry, known: Known) -> Said:
    key = "{phone} fetched it from {slot} after {duration}"
    return Said(
        text_key=key if fact.extension else "nobody fetched it from {slot} in {duration}",
        values={"phone": fact.extension or "", "slot": fact.slot, **_lasted(fact.parked)},
        is_main=True,
    )


def _picked_up(fact: PickedUp, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{phone} picked up what rang at {ringing}",
        values={"phone": fact.extension, "ringing": fact.ringing},
        is_main=True,
    )


def _forwarded(fact: Forwarded, entry: Entry, known: Known) -> Said:
    return Said(
        text_key=FORWARD_SENTENCES.get(fact.why, FORWARD_SENTENCES["always"]),
        values={"phone": fact.extension, "target": fact.to},
        is_main=True,
    )


def _supervised(fact: SupervisorJoined, entry: Entry, known: Known) -> Said:
    return Said(
        text_key=SUPERVISION_SENTENCES[fact.way],
        values={"who": fact.supervisor or fact.extension or "", "phone": fact.agent or ""},
        is_main=True,
    )


def _unsupervised(fact: SupervisorLeft, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="supervisor {who} left after {duration}",
        values={"who": fact.supervisor or fact.extension or "", **_lasted(fact.seconds)},
    )


def _released(fact: ForcedRelease, entry: Entry, known: Known) -> Said:
    return Said(text_key="{who} ended the call for all", values={"who": fact.by}, is_main=True)


def _masked(fact: RecordingMasked, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{who} paused the recording: silence in the file"
        if _is_named(fact.by)
        else "recording paused: silence in the file",
        values={"who": fact.by},
        is_main=True,
    )


def _unmasked(fact: RecordingUnmasked, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{who} let the recording go on after {duration}"
        if _is_named(fact.by)
        else "recording goes on after {duration}",
        values={"who": fact.by, **_lasted(fact.masked)},
    )


def _is_named(by: str) -> bool:
    """Old entries said that it was a key; the box itself resumes what ends."""
    return by not in ("", "key", "box")


def _consent(fact: ConsentAsked, entry: Entry, known: Known) -> Said:
    is_granted = fact.is_granted
    return Said(
        text_key="the caller may be recorded" if is_granted else "the caller wants no recording",
        is_main=not is_granted,
    )


def _quality(fact: QualityMeasured, entry: Entry, known: Known) -> Said:
    whose = known.legs.labels.get(entry.leg, "") if entry.leg is not None else ""
    key = "telephone quality {mos} of 4.5 ({codec}), {lost} % lost, jitter {jitter} ms"
    of_whom = "{phone}: telephone quality {mos} of 4.5 ({codec}), {lost} % lost, jitter {jitter} ms"
    lost = 100.0 * fact.lost / max(1, fact.packets + fact.lost)
    return Said(
        text_key=of_whom if whose else key,
        values={
            **({"phone": whose} if whose else {}),
            "mos": f"{fact.mos:.1f}",
            "codec": fact.codec,
            "lost": f"{lost:.1f}",
            "jitter": f"{fact.jitter_ms:.0f}",
        },
        words=("phone",) if whose == CALLER else (),
    )


def _healed(fact: Healed, entry: Entry, known: Known) -> Said:
    return Said(text_key="the box mended: {what}", values={"what": fact.what}, is_main=True)


HANDLING_SAYS: dict[type, Callable[..., Said | None]] = {
    Held: _held,
    Retrieved: _retrieved,
    TransferBegun: _transfer,
    TransferFinished: _transferred,
    TransferFailed: _not_transferred,
    ConsultBegun: _consult,
    ConsultEnded: _consulted,
    ConsultFailed: _not_consulted,
    ConferenceBegun: _conference,
    ConferenceEnded: _conference_over,
    CallMerged: _merged,
    Parked: _parked,
    Unparked: _unparked,
    PickedUp: _picked_up,
    Forwarded: _forwarded,
    SupervisorJoined: _supervised,
    SupervisorLeft: _unsupervised,
    ForcedRelease: _released,
    RecordingMasked: _masked,
    RecordingUnmasked: _unmasked,
    ConsentAsked: _consent,
    QualityMeasured: _quality,
    Healed: _healed,
}
