"""Conducts the other engines: one machine, the Switchboard, that owns every call.

switchboard.py has the doors; arrival, flows, queueing, dialling, talk, voicemail and desk are the
stages of a call, plain functions over the Exchange. They call each other as a call moves on, so
they import each other as modules.
"""
