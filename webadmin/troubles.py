"""Pages for what went wrong: what happened, in plain words, and what to do."""

import logging
import sqlite3

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from appliance.vocabulary.errors import EquipmentError, RefusedError
from webadmin.languages import mark, say
from webadmin.problems import Problem, answer_of, answer_of_http, is_of_api

logger = logging.getLogger(__name__)

SENTENCES = {
    400: mark("The browser sent something that this page does not understand."),
    401: mark("Please log in."),
    403: mark("You may not see or do this."),
    404: mark("There is no such page."),
    405: mark("This address does not take that."),
    413: mark("That was too long."),
    416: mark("The recording has no such part."),
    429: mark("Too many pages “Live” are open. Close one of them."),
    500: mark("Something went wrong in these pages; calls are not touched by it."),
}
UNREADABLE = """铃盒的文件现在无法读取，请稍后再试。
The box's files cannot be read now. Try again in a moment.
Nie można teraz odczytać plików urządzenia. Spróbuj za chwilę.
"""
REFUSALS = {
    "date_unknown": mark("That is no date. Write it like 2025-11-20."),
    "timezone_unknown": mark("The site's time zone is not known. Write it like Asia/Shanghai."),
    "last_owner": mark("This is the last owner of the box. Make somebody else an owner first."),
    "token_name": mark("A token’s name has 1 to 40 letters, digits and - _ . only."),
    "token_scopes": mark("Choose what the token may do."),
    "token_taken": mark("There is a token of this name already."),
    "tokens_full": mark("There are too many tokens. Revoke one first."),
    "database_newer": mark("The box's files were written by a newer Linghe."),
}


def init_app(app: Flask) -> None:
    """Show every error as a page of ours."""
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(EquipmentError, _equipment)
    app.register_error_handler(sqlite3.Error, _equipment)


def refusal(error: RefusedError) -> str:
    """Return a rule's no in the reader's language; a rule without translation in English."""
    return say(REFUSALS[error.key]) if error.key in REFUSALS else str(error)


def _form_too_old(_error: Exception) -> tuple[str, int]:
    return _page(say("This form was open too long. Open the page again and repeat it."), 400)


def _http(error: HTTPException) -> tuple[str, int] | HTTPException | Response:
    if is_of_api():
        return answer_of_http(error)
    code = error.code or 500
    if code < 400:
        return error
    sentence = SENTENCES.get(code)
    return _page(say(sentence) if sentence else str(error.name), code)


def _refused(error: RefusedError) -> tuple[str, int] | Response:
    if is_of_api():
        return answer_of(Problem("invalid", str(error)))
    return _page(refusal(error), 400)


def _equipment(error: Exception) -> tuple[str, int, dict[str, str]] | Response:
    """Answer without a template: the frame around every page reads the files too."""
    logger.warning("%s: %s", request.path, error)
    if is_of_api():
        return answer_of(Problem("unreadable", retry_after=5))
    return UNREADABLE, 503, {"Content-Type": "text/plain; charset=utf-8", "Retry-After": "5"}


def _page(sentence: str, code: int) -> tuple[str, int]:
    return render_template("trouble.html", sentence=sentence, code=code), code
