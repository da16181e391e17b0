"""`python -m appliance.daemons.media --worker N`: one media worker.

After a kill every millisecond until the first packet is a gap in somebody's ear, so: numpy and
what packets need first, then the legs and their sockets, one tick, and only then the rest.
"""

import os
import sys

from appliance.daemons.media.priority import become_urgent

URGENCY = become_urgent()

# One thread does the arithmetic: others would only wait for each other, and cost start-up time.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from appliance.daemons.media.starting import start  # noqa: E402  (numpy reads the line above)

if __name__ == "__main__":
    sys.exit(start(sys.argv[1:], URGENCY))
