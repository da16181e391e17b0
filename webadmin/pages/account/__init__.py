"""The page "My login": the own password."""

from webadmin.languages import mark
from webadmin.pages.account.views import blueprint
from webadmin.page import EVERYBODY, Page

PAGE = Page(blueprint=blueprint, title=mark("My login"), roles=EVERYBODY, is_in_menu=False)
