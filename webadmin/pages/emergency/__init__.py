"""The page "Emergency": every number leads to one flow, or where it always does again."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.emergency.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Emergency"), roles=OWNER, group=mark("The box"))
