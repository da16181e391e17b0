"""What a run of `linghe` within a test's own process gives."""

from collections.abc import Callable

Linghe = Callable[..., tuple[int, str, str]]
"""Words to exit code, output and errors."""
