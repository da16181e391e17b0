"""The stand-in for systemd under `make run` and in the tests: it starts every process of the box,
keeps their sockets over their deaths, and speaks the service manager's own protocol with them.

On the box itself systemd does this; see systemd/*.service. Nothing else here starts a process.
"""
