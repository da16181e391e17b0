"""The page "Callbacks": who is to be called back, who is being, and who could not be."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.callbacks.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Callbacks"), roles=OWNER)
