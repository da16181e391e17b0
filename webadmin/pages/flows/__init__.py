"""The page "Flows": what callers hear, where they came to today, a dry run, and versions: drafts,
what is different, publishing and the way back."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.flows import editing, views
from webadmin.pages.flows.blueprint import blueprint

__all__ = ["PAGE", "editing", "views"]

PAGE = Page(blueprint=blueprint, title=mark("Flows"), roles=OWNER, group=mark("Set up"))
