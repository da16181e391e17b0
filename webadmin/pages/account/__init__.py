"""The page "My login": the own password."""

from webadmin.languages import mark
from webadmin.page import EVERYBODY, Page
from webadmin.pages.account.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("My login"), roles=EVERYBODY, is_in_menu=False)
