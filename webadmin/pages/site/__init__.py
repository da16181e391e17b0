"""The page "Site": all settings as one file; looked at, checked, applied."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.site.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Site file"), roles=OWNER, group=mark("Set up"))
