"""What the hardware asks of the box: lamps, the reset button, a USB stick, a UPS.

Each is a small program of its own, started by systemd when udev (or NUT) sees the thing; the rules
are in firmware-hooks/. None of them has any right: what needs root is asked of linghe-privileged.
All of them may run twice, be killed, or meet hardware that is not there.
"""
