"""The page "Simulator": a usual day of the site in seconds, as it is and as it would be."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.simulator.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Simulator"), roles=OWNER, group=mark("Set up"))
