"""The page "People": who may log in."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.people.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("People"), roles=OWNER, group=mark("The box"))
