"""Formulae: pure functions from the journal to numbers, sentences and tables.

No SQL, no clock, no files. Sources of the formulae: ICMI, the Chinese vendors' reports, Erlang;
each named where it is used.
"""
