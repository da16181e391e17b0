"""Root's short list: network, clock, update, restart, factory reset, SSH. Asked over one socket.

Every action is typed (wire/privileged.py), checked here once more, and carried out by writing
files that root owns and by programs with fixed arguments; no shell, no capability.
"""
