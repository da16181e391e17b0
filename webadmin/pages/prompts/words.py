"""Why a prompt was not taken or not removed, in the reader's language."""

from webadmin.languages import mark
from webadmin.sounds import Refusals

WORDS = Refusals(
    "prompt",
    {
        "short": mark("Too little can be heard in the file."),
        "long": mark("The recording is longer than four minutes."),
        "taken": mark(
            "There is a prompt of this name already. Choose another name, or replace it."
        ),
        "voiceless": mark("The box has no voice of this language yet: linghe speech install."),
        "unspeakable": mark("The box’s voice cannot speak this text in this language."),
        "full": mark("There are five hundred prompts already. Remove one first."),
        "used": mark("It is in use. Name another one in the site file and apply it first."),
        "unknown": mark("There is no such prompt any more."),
    },
)
