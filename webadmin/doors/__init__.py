"""The few places that answer without a login: claim, login, language, health."""

from webadmin.doors.claim import blueprint as claim
from webadmin.doors.health import blueprint as health
from webadmin.doors.language import blueprint as language
from webadmin.doors.login import blueprint as login

DOORS = (claim, login, language, health)
