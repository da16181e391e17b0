"""Queues and agents: who is offered which caller, and when."""
