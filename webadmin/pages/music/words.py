"""Why music was not taken or not removed, in the reader's language."""

from appliance.vocabulary.errors import RefusedError
from webadmin.languages import mark, say

REFUSALS = {
    "music_unreadable": mark(
        "The box can read no sound in this file. WAV, FLAC, OGG and MP3 can be."
    ),
    "music_truncated": mark("The file is not whole: its end is missing."),
    "music_silent": mark("There is nothing to be heard in the file."),
    "music_short": mark("Less than three seconds can be heard in the file."),
    "music_long": mark("The music is longer than ten minutes."),
    "music_large": mark("The file is too large: 128 MB at most."),
    "music_rate": mark("The file has too few or too many samples a second: 8000 to 192000 can be."),
    "music_name": mark("A name has 1 to 32 characters, and does not begin with a dash."),
    "music_taken": mark("There is music of this name already. Choose another name, or replace it."),
    "music_full": mark("There are a hundred pieces already. Remove one first."),
    "music_used": mark("It is in use. Choose other music in the site file and apply it first."),
    "music_shipped": mark("This piece came with the box and stays."),
}


def refusal(error: RefusedError) -> str:
    """Return a rule's no; a rule without translation in English."""
    return sentence(error.key) if error.key in REFUSALS else str(error)


def sentence(key: str) -> str:
    """Return the sentence of one of these keys."""
    return say(REFUSALS[key])
