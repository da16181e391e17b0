"""One question to control over run/control.sock, and its answer: as every verb asks."""

from appliance.daemons.asking import asked as asked
