"""What the environment says to a daemon that a test runs inside itself: loopback, no ports yet."""

from pathlib import Path

from appliance.daemons.paths import Environment


def box_environment(root: Path, *, sip_port: int = 0, sips_port: int = 0) -> Environment:
    """Of a box in this folder, which has its folders; a port 0 is any that is free."""
    here = Environment(
        data=root,
        bind="127.0.0.1",
        sip_port=sip_port,
        sips_port=sips_port,
        http_port=0,
        rtp_first=20000,
        rtp_last=20100,
        workers=1,
        clock="",
    )
    here.paths.make()
    return here
