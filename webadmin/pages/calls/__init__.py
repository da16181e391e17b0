"""The page "Calls": who called when, what became of it, and its recording."""

from webadmin.languages import mark
from webadmin.page import EVERYBODY, Page
from webadmin.pages.calls.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Calls"), roles=EVERYBODY)
