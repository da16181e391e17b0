"""The page "Help": what is keyed in at a desk phone, and which phones and programs were tried."""

from webadmin.languages import mark
from webadmin.page import EVERYBODY, Page
from webadmin.pages.help.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Help"), roles=EVERYBODY)
