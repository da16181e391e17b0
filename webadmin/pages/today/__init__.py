"""The page "Today": a day in figures, with the formulae they were made by."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.today.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Today"), roles=OWNER)
