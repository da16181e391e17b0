"""Why music was not taken or not removed, in the reader's language."""

from webadmin.languages import mark
from webadmin.sounds import Refusals

WORDS = Refusals(
    "music",
    {
        "short": mark("Less than three seconds can be heard in the file."),
        "long": mark("The music is longer than ten minutes."),
        "taken": mark("There is music of this name already. Choose another name, or replace it."),
        "full": mark("There are a hundred pieces already. Remove one first."),
        "used": mark("It is in use. Choose other music in the site file and apply it first."),
        "shipped": mark("This piece came with the box and stays."),
    },
)
