"""G.711 as its tables 1a and 2a define it, sample by sample."""

import warnings

import numpy as np
import pytest

from appliance.signals import g711

EVERY = np.arange(65536).astype(np.uint16).view(np.int16)
EVERY_CODE = np.arange(256, dtype=np.uint8)


@pytest.mark.rfc("G.711", "table 1a")
def test_alaw_decision_and_output_values_are_those_of_the_standard() -> None:
    """13 linear-ish pieces: decision values x0..x128 of table 1a column 3, out of 4096."""
    decisions = [2 * n for n in range(33)]
    for segment in range(1, 7):
        decisions += [decisions[-1] + 2 ** (segment + 1) * (n + 1) for n in range(16)]
    assert len(decisions) == 129
    assert decisions[-1] == 4096
    for interval in range(128):
        low, high = decisions[interval], decisions[interval + 1]
        output = (low + high) / 2
        code = g711.LINEAR_TO_ALAW[low * 8]
        assert code == (interval | 0x80) ^ 0x55
        assert g711.ALAW_TO_LINEAR[code] == output * 8
        assert g711.LINEAR_TO_ALAW[high * 8 - 1] == code
        negative = int(np.int16(-low * 8 - 1).view(np.uint16))
        assert g711.LINEAR_TO_ALAW[negative] == interval ^ 0x55
        assert g711.ALAW_TO_LINEAR[interval ^ 0x55] == -output * 8


@pytest.mark.rfc("G.711", "table 2a")
def test_mulaw_decision_and_output_values_are_those_of_the_standard() -> None:
    """Decision values 0, 1, 3 … 31, 35 … 8159 and outputs 0, 2 … 8031 of table 2a, out of 8159."""
    decisions = [0, *range(1, 32, 2)]
    for segment in range(1, 8):
        decisions += [decisions[-1] + 2 ** (segment + 1) * (n + 1) for n in range(16)]
    assert len(decisions) == 129
    assert decisions[16::16] == [31, 95, 223, 479, 991, 2015, 4063, 8159]
    for interval in range(128):
        low, high = decisions[interval], decisions[interval + 1]
        output = 0 if interval == 0 else (low + high) / 2
        code = g711.LINEAR_TO_ULAW[low * 4]
        assert code == (interval | 0x80) ^ 0x7F
        assert g711.ULAW_TO_LINEAR[code] == output * 4
        assert g711.ULAW_TO_LINEAR[code ^ 0x80] == -output * 4
    assert g711.LINEAR_TO_ULAW[32767] == 0x80
    assert g711.LINEAR_TO_ULAW[32768] == 0x00


def test_what_was_coded_codes_to_itself() -> None:
    alaw = g711.encode_alaw(g711.decode_alaw(EVERY_CODE))
    assert alaw.tolist() == EVERY_CODE.tolist()
    ulaw = g711.encode_ulaw(g711.decode_ulaw(EVERY_CODE))
    # µ-law has a negative zero (0x7F), which comes back positive.
    assert ulaw.tolist() == [0xFF if code == 0x7F else code for code in range(256)]


def test_silence_is_the_byte_of_zero() -> None:
    zero = np.zeros(1, np.int16)
    assert g711.encode_alaw(zero)[0] == g711.ALAW_SILENCE == 0xD5
    assert g711.encode_ulaw(zero)[0] == g711.ULAW_SILENCE == 0xFF
    assert g711.ULAW_TO_ALAW[g711.ULAW_SILENCE] == g711.ALAW_SILENCE
    # A-law has no zero; its smallest positive value (8) is µ-law's next but zero.
    assert abs(int(g711.ULAW_TO_LINEAR[g711.ALAW_TO_ULAW[g711.ALAW_SILENCE]])) <= 8


def test_transcoding_keeps_the_value_as_well_as_the_target_can() -> None:
    for table, source, target in (
        (g711.ALAW_TO_ULAW, g711.ALAW_TO_LINEAR, g711.ULAW_TO_LINEAR),
        (g711.ULAW_TO_ALAW, g711.ULAW_TO_LINEAR, g711.ALAW_TO_LINEAR),
    ):
        before = source.astype(np.int64)
        after = target[table].astype(np.int64)
        assert (np.abs(after - before) <= np.abs(before) / 16 + 16).all()


def test_the_tables_are_those_of_audioop() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop", reason="audioop left Python in 3.13")
    linear, codes = EVERY.tobytes(), EVERY_CODE.tobytes()
    assert g711.encode_alaw(EVERY).tobytes() == audioop.lin2alaw(linear, 2)
    assert g711.encode_ulaw(EVERY).tobytes() == audioop.lin2ulaw(linear, 2)
    assert g711.decode_alaw(EVERY_CODE).tobytes() == audioop.alaw2lin(codes, 2)
    assert g711.decode_ulaw(EVERY_CODE).tobytes() == audioop.ulaw2lin(codes, 2)


def test_any_shape_goes_in_and_comes_out() -> None:
    matrix = EVERY_CODE.reshape(2, 4, 32)
    assert g711.encode_alaw(g711.decode_alaw(matrix)).shape == (2, 4, 32)
