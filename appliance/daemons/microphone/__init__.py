"""The microphone and the loudspeaker at the box: a short-lived program, which no daemon imports.

PyAudio on PortAudio: a C library that talks to whatever sound card there is, and may block or fall
over it. So it runs in a process of its own, started by `linghe prompt record` and `linghe doctor`,
and the box's calls never depend on it.
"""
