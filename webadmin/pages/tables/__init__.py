"""The page "Tables": the rows that flows look callers and numbers up in."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.tables.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Tables"), roles=OWNER, group=mark("Set up"))
