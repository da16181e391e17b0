"""Flows: what a caller hears and what his keys mean.

`run.py` is the door: one running flow of one call. `nodes/` has a file for each kind of node,
`check.py` says what is wrong in a flow before it is applied, `calendar.py` knows the hours.
"""
