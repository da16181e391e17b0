"""The page "Music": what callers hear on hold and in queues; more of it, or less."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.music.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Music"), roles=OWNER, group=mark("Set up"))
