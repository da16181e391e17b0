"""The page "Messages": voicemail by box, heard, marked and deleted here."""

from webadmin.languages import mark
from webadmin.page import EVERYBODY, Page
from webadmin.pages.messages.views import blueprint

PAGE = Page(blueprint=blueprint, title=mark("Messages"), roles=EVERYBODY)
