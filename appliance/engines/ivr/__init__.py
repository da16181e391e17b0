"""Flows: what a caller hears and what his keys mean."""
