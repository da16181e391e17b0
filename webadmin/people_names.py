"""What a user may be called."""

from webadmin.languages import say

LONGEST_NAME = 40


def name_fault(name: str) -> str:
    """Return what is wrong with a user name in the reader's language, "" for a good one."""
    if not name:
        return say("A user name is needed.")
    if len(name) > LONGEST_NAME:
        return say("The user name may have at most %(count)s characters.", count=LONGEST_NAME)
    if not all(char.isalnum() or char in "-_.@ " for char in name):
        return say("The user name may have letters, digits, spaces and - _ . @ only.")
    return ""
