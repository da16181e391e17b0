"""Conducts the other engines: one machine that owns every call."""
