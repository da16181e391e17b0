"""The page "Live": the box at this moment, telling itself anew."""

from webadmin.languages import mark
from webadmin.page import EVERYBODY, Page
from webadmin.pages.live.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Live"), roles=EVERYBODY)
