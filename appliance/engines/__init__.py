"""Decisions. Pure machines: events and `now` in, commands out; no protocol, no I/O, no clock."""
