"""Media worker 0 alone under the real stand-in for the service manager: for tests that kill it.

`python rtp_supervised.py`, with the LINGHE_ variables set. Nobody but the test speaks to it.
"""

import os
import sys

from appliance.daemons.paths import environment
from appliance.daemons.supervisor.output import Console
from appliance.daemons.supervisor.sockets import listening_sockets
from appliance.daemons.supervisor.supervising import Supervisor
from appliance.daemons.supervisor.units import units


def main() -> int:
    """Run until SIGTERM."""
    settings = environment()
    settings.paths.make()
    sockets = listening_sockets(settings, workers=1)
    return Supervisor(
        units=[(unit, True) for unit in units(workers=1) if unit.name == "media-0"],
        sockets={"media-0": sockets["media-0"]},
        environment=dict(os.environ),
        data=settings.data,
        when_up=list,
        console=Console(),
    ).run()


if __name__ == "__main__":
    sys.exit(main())
