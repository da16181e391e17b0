"""What a unit may say to its manager (sd_notify(3)): one datagram of NAME=value lines."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One datagram, understood. Assignments that we do not know are passed over."""

    is_ready: bool = False
    is_alive: bool = False
    is_stopping: bool = False
    status: str | None = None
    stores: bool = False
    """The descriptors that came with it are to be kept under `name`."""
    unstores: bool = False
    name: str = "stored"


def message_of(datagram: bytes) -> Message:
    """Read one datagram; anything at all gives a Message, if need be an empty one."""
    said = {
        name: value
        for name, found, value in (
            line.partition("=") for line in datagram.decode("utf-8", "replace").split("\n")
        )
        if found
    }
    return Message(
        is_ready=said.get("READY") == "1",
        is_alive=said.get("WATCHDOG") == "1",
        is_stopping=said.get("STOPPING") == "1",
        status=said.get("STATUS"),
        stores=said.get("FDSTORE") == "1",
        unstores=said.get("FDSTOREREMOVE") == "1",
        name=said.get("FDNAME", "stored"),
    )
