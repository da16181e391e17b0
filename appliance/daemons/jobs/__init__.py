"""linghe-jobs: the niced process for work that no caller waits for: it seals recordings, and tells
other people's programs of events (webhooks).

Everything here can be killed at any moment and run again: what is done is known from the files
on the disk, never from memory. It talks to control over run/control.sock and reads what the
media workers append under frames/.
"""
