"""The page "Prompts": the owner's recordings: heard, added, brought back, removed."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.prompts.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Prompts"), roles=OWNER, group=mark("Set up"))
