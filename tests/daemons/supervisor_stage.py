"""A supervisor with units of the test's own, as a program: `supervisor_stage.py FOLDER`.

FOLDER/units.json: a list of the fields of Unit. A listening datagram socket is made for each name
in their `sockets`, on loopback; its port is written to FOLDER/<name>.port.
"""

import json
import os
import socket
import sys
from pathlib import Path

from appliance.daemons.supervisor.output import Console
from appliance.daemons.supervisor.supervising import Supervisor
from appliance.daemons.supervisor.units import Unit


def main(folder: Path) -> int:
    units = [
        Unit(**{**fields, "command": tuple(fields["command"]), "sockets": tuple(fields["sockets"])})
        for fields in json.loads((folder / "units.json").read_text())
    ]
    sockets: dict[str, socket.socket] = {}
    for name in {name for unit in units for name in unit.sockets}:
        sockets[name] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sockets[name].bind(("127.0.0.1", 0))
        (folder / f"{name}.port").write_text(str(sockets[name].getsockname()[1]))
    (folder / "run").mkdir()
    return Supervisor(
        units=[(unit, unit.needs != "missing") for unit in units],
        sockets=sockets,
        environment=os.environ,
        data=folder,
        when_up=lambda: ["everything is up"],
        console=Console(),
    ).run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
