"""A stage with a token, and a program that asks with it."""

import json
from typing import Any

from chromium import Web
from web_stage import Stage
from werkzeug.test import TestResponse

from appliance.vocabulary.ids import Utc
from appliance.vocabulary.tokens import Scope, Token, token_digest, token_text

TOKEN = token_text(bytes(range(32)))
API = "/api/v1"


def has_token(
    stage: Stage, *scopes: Scope, name: str = "crm", text: str = TOKEN, made: float = 1.0
) -> str:
    """Give a program a token with these scopes, or with all."""
    store = stage.settings()
    store.tokens.add(
        Token(
            name=name,
            digest=token_digest(text),
            scopes=scopes or tuple(Scope),
            made=Utc(made),
            made_by="test",
        )
    )
    store.close()
    return text


class Program:
    """Asks as other people's programs do: no cookies, no Origin, a bearer token."""

    def __init__(self, stage: Stage, token: str = TOKEN) -> None:
        self.client = stage.app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(API + path, headers=self.headers | headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.client.post(API + path, json=body, headers=self.headers | headers)

    def problem(self, answer: TestResponse) -> tuple[int, str]:
        """Return status and key of a problem; it must be one."""
        assert answer.content_type == "application/problem+json", answer.text
        told = json.loads(answer.text)
        assert told["status"] == answer.status_code
        assert told["type"] == f"urn:linghe:problem:{told['key']}" and told["title"]
        return told["status"], told["key"]


class GenerousWeb(Web):
    """The web server with room for a machine that asks a thousand things a minute."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, "generous:create_app()")
