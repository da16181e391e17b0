"""The feature codes and keys of a desk phone as people read them.

A page of the web knows nothing of the engines, so this table is its own;
tests/webadmin/test_web_help.py holds it against the codes that the engines know.
"""

from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value
from webadmin.languages import mark, say


class Code(Value, frozen=True, kw_only=True):
    """One code."""

    keys: str
    rest: str = ""
    """What follows it, in English; translated where it is shown."""
    words: str


CHAPTERS: tuple[tuple[str, tuple[Code, ...]], ...] = (
    (
        mark("Agents"),
        (
            Code(keys="*80", rest=mark("agent * PIN"), words=mark("sign in at this phone")),
            Code(keys="*81", words=mark("sign out")),
            Code(keys="*82", words=mark("ready")),
            Code(keys="*83", rest=mark("digit"), words=mark("not ready, with a reason")),
            Code(keys="*84", words=mark("end wrap-up")),
        ),
    ),
    (
        mark("This phone"),
        (
            Code(keys="*78", words=mark("do not disturb")),
            Code(keys="*79", words=mark("may be disturbed again")),
            Code(keys="*72", rest=mark("number"), words=mark("forward all calls")),
            Code(keys="*73", words=mark("forward none of them any more")),
            Code(keys="*90", rest=mark("number"), words=mark("forward while this phone is busy")),
            Code(keys="*91", words=mark("no longer while busy")),
            Code(keys="*92", rest=mark("number"), words=mark("forward when nobody answers")),
            Code(keys="*93", words=mark("no longer when nobody answers")),
            Code(
                keys="*94",
                rest=mark("number"),
                words=mark("forward while this phone cannot be reached"),
            ),
            Code(keys="*95", words=mark("no longer while it cannot be reached")),
            Code(keys="*70", words=mark("call waiting on: a second call may ring in a talk")),
            Code(keys="*71", words=mark("call waiting off")),
            Code(keys="*66", words=mark("ring me when the busy phone is free")),
        ),
    ),
    (
        mark("Other phones"),
        (
            Code(
                keys="**",
                rest=mark("extension"),
                words=mark("pick up the call that rings at that phone"),
            ),
            Code(keys="*8", words=mark("pick up a call that rings in this phone’s group")),
        ),
    ),
    (
        mark("Supervisors"),
        (
            Code(
                keys="*85",
                rest=mark("agent"),
                words=mark(
                    "listen to a talk; then 4 listen, 5 whisper, 6 barge in, 7 take over, "
                    "9 end the call"
                ),
            ),
        ),
    ),
    (
        mark("Messages"),
        (
            Code(keys="*97", words=mark("hear the messages of this phone’s box; its PIN and #")),
            Code(
                keys="*98",
                rest=mark("box"),
                words=mark("hear the messages of any box, by its number; its PIN and #"),
            ),
        ),
    ),
    (
        mark("Prompts"),
        (
            Code(
                keys="*77",
                rest=mark("number*PIN"),
                words=mark(
                    "record a prompt: speak, # ends it; then 1 keep, 2 again, 3 hear it again"
                ),
            ),
        ),
    ),
    (
        mark("In an emergency"),
        (
            Code(
                keys="*09",
                rest=mark("PIN"),
                words=mark(
                    "emergency mode: every number leads to the site’s emergency flow; the same "
                    "code ends it"
                ),
            ),
        ),
    ),
    (
        mark("Tests"),
        (
            Code(keys="*43", words=mark("echo: hear yourself")),
            Code(keys="*60", words=mark("self-test: press 1, speak, it is recorded")),
        ),
    ),
)

IN_TALK = {
    "transfer": mark("hand the other party on to a number, which follows with #"),
    "consult": mark("let him wait and ask a third one, whose number follows with #"),
    "give_up": mark("leave the third one"),
    "conference": mark("all three talk"),
    "park": mark("the other party waits at a park place, which is told"),
    "pause_recording": mark("silence in the recording, and back: card numbers are being said"),
    "switch_recording": mark("end the recording, or begin one"),
    "survey": mark("the caller is asked how it was, and the phone is free"),
}
"""Fields of [talk_codes]: the site may have other keys for them."""


def chapters(site: Site) -> list[tuple[str, list[Code]]]:
    """Return the codes in the reader's language, those of this site's talks among them."""
    found = [(say(title), [_said(code) for code in codes]) for title, codes in CHAPTERS]
    keys = [
        Code(keys=str(getattr(site.talk_codes, name)), words=say(words))
        for name, words in IN_TALK.items()
        if getattr(site.talk_codes, name)
    ]
    park = site.parking
    keys.append(
        Code(
            keys=str(park.slots),
            words=say("a park place: fetches the call that waits there"),
        )
    )
    return [*found[:2], (say("In a talk"), keys), *found[2:]]


def _said(code: Code) -> Code:
    rest = say(code.rest) if code.rest else ""
    return Code(keys=code.keys, rest=rest, words=say(code.words))
