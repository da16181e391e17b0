"""Whether the box is one user or several: who may read what it makes.

Under `make run` one user is the box, and its files are 0600, wherever its folder lies. On the image
each process has a user of its own. There LINGHE_SHARED=1 stands in /etc/linghe/environment, the
data folder belongs to a group (2770, systemd/tmpfiles.conf), and what is made in such a folder is
for that group too: 0660. The folder's bit alone says nothing: a project's folder has it as well.

Light on purpose: a media worker that was killed asks it before it imports anything.
"""

import os

GROUPS_BIT = 0o2000


def is_shared(folder: str | os.PathLike[str]) -> bool:
    """Say whether what is made in a folder is for its whole group. Raises OSError."""
    is_group_owned = bool(os.stat(folder).st_mode & GROUPS_BIT)
    return is_group_owned and os.environ.get("LINGHE_SHARED") == "1"


def file_mode(folder: str | os.PathLike[str]) -> int:
    """Return the rights of a file that is made there: 0600, or 0660. Raises OSError."""
    return 0o660 if is_shared(folder) else 0o600
