"""The page "People": who may log in."""

from webadmin.languages import mark
from webadmin.pages.people.views import blueprint
from webadmin.page import OWNER, Page

PAGE = Page(blueprint=blueprint, title=mark("People"), roles=OWNER)
