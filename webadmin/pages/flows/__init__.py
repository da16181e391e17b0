"""The page "Flows": what callers hear, where they came to today, and a dry run."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.flows.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Flows"), roles=OWNER)
