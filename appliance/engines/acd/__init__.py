"""Queues and agents: who is offered which caller, and when.

`floor.py` is the door; `commands.py` what it asks for; `views.py` what may be looked at.
`tables.py` is its memory, `matching.py` the rule of fairness, `strategies/` the orders of agents.
Legs and protocols do not exist here.
"""
