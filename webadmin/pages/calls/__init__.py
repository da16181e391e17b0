"""The page "Calls": who called when, what became of it, and its recording."""

from webadmin.languages import mark
from webadmin.pages.calls.views import blueprint
from webadmin.page import EVERYBODY, Page

PAGE = Page(blueprint=blueprint, title=mark("Calls"), roles=EVERYBODY)
