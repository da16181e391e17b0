"""The pages, in the order of the menu. To add one: a folder here, and its PAGE in this tuple.

tests/webadmin/test_pages_contract.py says when it is done: it wants a login, has its title in
three languages, shows an empty box and a full one, and fits a phone.
"""

from webadmin.page import Page
from webadmin.pages.account import PAGE as ACCOUNT
from webadmin.pages.box import PAGE as BOX
from webadmin.pages.callbacks import PAGE as CALLBACKS
from webadmin.pages.calls import PAGE as CALLS
from webadmin.pages.emergency import PAGE as EMERGENCY
from webadmin.pages.flows import PAGE as FLOWS
from webadmin.pages.help import PAGE as HELP
from webadmin.pages.live import PAGE as LIVE
from webadmin.pages.messages import PAGE as MESSAGES
from webadmin.pages.music import PAGE as MUSIC
from webadmin.pages.people import PAGE as PEOPLE
from webadmin.pages.programs import PAGE as PROGRAMS
from webadmin.pages.prompts import PAGE as PROMPTS
from webadmin.pages.queues import PAGE as QUEUES
from webadmin.pages.simulator import PAGE as SIMULATOR
from webadmin.pages.site import PAGE as SITE
from webadmin.pages.tables import PAGE as TABLES
from webadmin.pages.today import PAGE as TODAY

PAGES: tuple[Page, ...] = (
    TODAY,
    LIVE,
    CALLS,
    MESSAGES,
    CALLBACKS,
    FLOWS,
    QUEUES,
    TABLES,
    PROMPTS,
    MUSIC,
    SIMULATOR,
    SITE,
    EMERGENCY,
    BOX,
    PEOPLE,
    PROGRAMS,
    HELP,
    ACCOUNT,
)

__all__ = ["PAGES", "Page"]
