"""Linghe's call handling: everything between a ringing line and the day's report.

The rooms, top to bottom: daemons (processes) · lines, reports, store, wire, speech · engines
(decisions) · protocols, signals · vocabulary (words). README.md has the picture.
"""

__version__ = "0.1.0"
