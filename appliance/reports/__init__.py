"""Formulae: pure functions from the journal to numbers, sentences and tables.

Talk is counted from both ends. A leg's talk is the time in which one of our side and the customer
heard each other (hold apart); an agent's figures are sums of these. A call's talk is the time in
which the customer heard anybody: the sum of its legs' talks less the overlap of its conferences,
in which several talk to him at once. Without a conference the two are equal, however often the
call was handed on; a consultation is hold, and whoever only listens (supervisor) is in neither.

No SQL, no clock, no files. Sources of the formulae: ICMI, the Chinese vendors' reports, Erlang;
each named where it is used.
"""
