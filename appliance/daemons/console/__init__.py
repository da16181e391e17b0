"""The box's own screen: where it is found, how it stands, its one-time code, and a rescue menu.

A program of its own on tty1 (linghe-console.service). Who stands before it has the box in his
hands; so it may do by keys what the pages ask a password for, each with a confirmation and a line
in the audit log. What needs root it asks of linghe-privileged.
"""
