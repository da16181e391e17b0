"""image-build/overlay/usr/lib/repart.d: what systemd-repart may do to the box's disk, and not."""

from pathlib import Path

FILES = Path(__file__).parents[2] / "image-build" / "overlay" / "usr" / "lib" / "repart.d"


def test_no_partition_is_erased_by_a_word_to_the_kernel_or_the_firmware() -> None:
    """repart.d(5): with FactoryReset= a kernel's argument or an EFI variable erases recordings and
    all; the box's own reset asks for a word of its owner (systemd/factory-reset)."""
    found = sorted(FILES.glob("*.conf"))
    assert [one.name for one in found if "FactoryReset" in one.read_text(encoding="utf-8")] == []
    assert (FILES / "50-data.conf") in found
