"""The page "API and events": tokens for other people's programs, and webhooks that tell them."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.programs.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("API and events"), roles=OWNER, group=mark("The box"))
