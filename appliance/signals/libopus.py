"""The system's libopus (Debian: libopus0, BSD), called through ctypes.

Apart from `opus`, so that call control can ask whether it is there without loading numpy. No
wrapper package: those search the disk with a compiler's tools for the library at each start.
"""

import ctypes
from functools import cache


@cache
def library() -> ctypes.CDLL | None:
    """Return the library with the types of what we call; None where it is not installed."""
    try:
        found = ctypes.CDLL("libopus.so.0")
    except OSError:
        return None
    found.opus_encode.argtypes = (
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int32,
    )
    found.opus_decode.argtypes = (
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_int32,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int,
    )
    return found


def is_available() -> bool:
    """Say whether this machine can code Opus."""
    return library() is not None
