"""One file a line type: a protocol's events to call events and back.

A new line type is one file here and its name in LINES (sip.py); tests/contracts says when it is
done. Above this room nobody knows SIP.
"""
