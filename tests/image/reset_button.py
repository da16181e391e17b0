"""On the box: a reset button, held for as many seconds as are written to a pipe.

    python3 reset_button.py PIPE

By uinput (Documentation/input/uinput.rst): the kernel's own device, with nobody's finger on it.
"""

import fcntl
import os
import struct
import sys
import time

UI_SET_EVBIT, UI_SET_KEYBIT = 0x40045564, 0x40045565
UI_DEV_SETUP, UI_DEV_CREATE = 0x405C5503, 0x5501
BUS_HOST = 0x19
EV_SYN, EV_KEY, KEY_RESTART = 0, 1, 0x198

door = os.open("/dev/uinput", os.O_WRONLY)
fcntl.ioctl(door, UI_SET_EVBIT, EV_KEY)
fcntl.ioctl(door, UI_SET_KEYBIT, KEY_RESTART)
fcntl.ioctl(door, UI_DEV_SETUP, struct.pack("HHHH80sI", BUS_HOST, 1, 1, 1, b"reset button", 0))
fcntl.ioctl(door, UI_DEV_CREATE)


def move(value):
    for kind, code, said in ((EV_KEY, KEY_RESTART, value), (EV_SYN, 0, 0)):
        os.write(door, struct.pack("@llHHi", 0, 0, kind, code, said))


os.mkfifo(sys.argv[1])
while True:
    with open(sys.argv[1], encoding="ascii") as pipe:
        for line in pipe:
            move(1)
            time.sleep(float(line))
            move(0)
