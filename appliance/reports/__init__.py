"""Formulae: pure functions from the journal to numbers."""
