"""`python -m appliance.daemons.media --worker N`: one media worker.

After a kill every millisecond until the first packet is a gap in somebody's ear, so: first aid
for the bridges, meanwhile numpy and what packets need, then all legs, one tick, then the rest.
"""

import os
import sys

from appliance.daemons.media.priority import become_urgent

URGENCY = become_urgent()

from appliance.daemons.media.first_aid import FirstAid  # noqa: E402  (urgency comes first)

FIRST_AID = FirstAid(sys.argv[-1])
FIRST_AID.begin()

# One thread does the arithmetic: others would only wait for each other, and cost start-up time.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from appliance.daemons.media.starting import start  # noqa: E402  (numpy reads the line above)

if __name__ == "__main__":
    sys.exit(start(sys.argv[1:], URGENCY, FIRST_AID))
