"""Why a prompt was not taken or not removed, in the reader's language."""

from appliance.vocabulary.errors import RefusedError
from webadmin.languages import mark, say

REFUSALS = {
    "prompt_unreadable": mark(
        "The box can read no sound in this file. WAV, FLAC, OGG and MP3 can be."
    ),
    "prompt_truncated": mark("The file is not whole: its end is missing."),
    "prompt_silent": mark("There is nothing to be heard in the file."),
    "prompt_short": mark("Too little can be heard in the file."),
    "prompt_long": mark("The recording is longer than four minutes."),
    "prompt_large": mark("The file is too large: 128 MB at most."),
    "prompt_rate": mark(
        "The file has too few or too many samples a second: 8000 to 192000 can be."
    ),
    "prompt_name": mark("A name has 1 to 32 characters, and does not begin with a dash."),
    "prompt_taken": mark(
        "There is a prompt of this name already. Choose another name, or replace it."
    ),
    "prompt_full": mark("There are five hundred prompts already. Remove one first."),
    "prompt_used": mark("It is in use. Name another one in the site file and apply it first."),
    "prompt_unknown": mark("There is no such prompt any more."),
}


def refusal(error: RefusedError) -> str:
    """Return a rule's no; a rule without translation in English."""
    return sentence(error.key) if error.key in REFUSALS else str(error)


def sentence(key: str) -> str:
    """Return the sentence of one of these keys."""
    return say(REFUSALS[key])
