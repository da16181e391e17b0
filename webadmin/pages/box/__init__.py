"""The page "Box": how the machine stands, its network and clock, update, restart, backup."""

from webadmin.languages import mark
from webadmin.page import OWNER, Page
from webadmin.pages.box import keeping, views
from webadmin.pages.box.blueprint import blueprint

__all__ = ["PAGE", "keeping", "views"]

PAGE = Page(blueprint=blueprint, title=mark("This box"), roles=OWNER, group=mark("The box"))
