"""The page "Live": the box at this moment, telling itself anew."""

from webadmin.languages import mark
from webadmin.pages.live.views import blueprint
from webadmin.page import EVERYBODY, Page

PAGE = Page(blueprint=blueprint, title=mark("Live"), roles=EVERYBODY)
