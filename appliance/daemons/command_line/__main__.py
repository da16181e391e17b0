"""`python -m appliance.daemons.command_line`: the same as `linghe`."""

import sys

from appliance.daemons.command_line import main

if __name__ == "__main__":
    sys.exit(main())
