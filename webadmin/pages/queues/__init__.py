"""The page "Queues": queues and agents with a form for each, and the calendars' year."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.queues.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Queues"), roles=OWNER, group=mark("Set up"))
