"""What people see in a browser (Flask); a guest of appliance, never the other way round.

    app.py          puts everything together; gunicorn runs `webadmin:create_app()`
    pages/          one folder a page, listed in PAGES; every one of them wants a login
    doors/          the few places that stand open: claim, login, language, health
    access.py       who is there and what he may see: closed unless a page says otherwise
    live_feed.py    the box's picture from control, one connection for all open pages
    stores.py       settings.db and calls.db, opened for one request
    languages.py    zh, en, pl from translations/<language>/LC_MESSAGES/messages.po
    wording.py      times, durations and the vocabulary's words as people read them

It imports vocabulary, store, reports and wire of appliance, nothing else.
"""

from webadmin.app import create_app

__all__ = ["create_app"]
