"""The box's independent phone: somebody else's SIP and RTP (pyVoIP), alive for one call.

A box that tests itself with its own stack agrees with its own mistakes. pyVoIP's weaknesses are
known (a thread per call, 8-bit audio, memory that grows: design/sip.md), so it runs as a program
of its own for some ten seconds over loopback and is never imported by a daemon.
"""
