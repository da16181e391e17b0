"""Forms as a browser without scripts, or before they are loaded, sends them."""

import re
from pathlib import Path

import webadmin

ROOT = Path(webadmin.__file__).parent
FORM = re.compile(r"<form\b(?P<head>[^>]*)>(?P<body>.*?)</form>", re.S)
MACRO = re.compile(r"{%-?\s*macro (?P<name>\w+)\(.*?{%-?\s*endmacro", re.S)
SECRET = re.compile(r'type="password"|name="csrf_token"')


def macros_with_secrets(templates: list[str]) -> set[str]:
    """Names of the macros that make a field with a secret, also by another macro."""
    bodies = {found["name"]: found[0] for one in templates for found in MACRO.finditer(one)}
    secret = {name for name, body in bodies.items() if SECRET.search(body)}
    while more := {name for name, body in bodies.items() if calls(body, secret)} - secret:
        secret |= more
    return secret


def calls(text: str, macros: set[str]) -> bool:
    return any(re.search(rf"{{{{[^}}]*\b{name}\(", text) for name in macros)


def test_each_form_with_a_password_or_a_token_posts_it() -> None:
    """Sent by GET it would stand in the address bar, the browser's history and a proxy's log."""
    templates = {place: place.read_text(encoding="utf-8") for place in ROOT.rglob("*.html")}
    macros = macros_with_secrets(list(templates.values()))
    assert {"own_password", "passwords", "token"} <= macros
    seen, wrong = 0, []
    for place, text in templates.items():
        for form in FORM.finditer(text):
            if SECRET.search(form["body"]) or calls(form["body"], macros):
                seen += 1
                if 'method="post"' not in form["head"]:
                    wrong.append(f"{place.relative_to(ROOT)}: <form{form['head'][:80]}>")
    assert wrong == [] and seen > 40
