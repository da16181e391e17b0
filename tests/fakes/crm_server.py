"""Somebody's customer register over HTTP on loopback: JSON, drips, refusals, silence."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class CrmServer:
    """Every question it got, in order; `pages` says what is answered to which path."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.headers: dict[str, str] = {}
        """Sent with every answer."""
        self.got: list[tuple[str, str, dict[str, str], bytes]] = []
        """Method, path, headers, body."""
        self.may_answer = threading.Event()
        """Cleared: nobody is answered until it is set again."""
        self.may_answer.set()
        self.drips = False
        self.changed = threading.Condition()
        crm = self

        class Room(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with crm.changed:
                    crm.got.append((self.command, self.path, dict(self.headers), body))
                    crm.changed.notify_all()
                crm.may_answer.wait(30)
                status, answer = crm.pages.get(self.path, (404, b"{}"))
                self.send_response(status)
                for name, value in crm.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    while crm.drips:
                        self.wfile.write(b" ")
                        crm.may_answer.wait(0.05)
                        threading.Event().wait(0.05)
                    self.wfile.write(answer)
                except OSError:
                    self.close_connection = True

            do_POST = do_GET

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Room)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/api"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path: str, told: object, status: int = 200) -> None:
        """Answer this to questions for /api/PATH."""
        self.pages[f"/api/{path}"] = (status, json.dumps(told).encode())

    def wait_for(self, count: int, seconds: float = 20.0) -> None:
        """Wait until it was asked so often."""
        with self.changed:
            there = self.changed.wait_for(lambda: len(self.got) >= count, seconds)
        assert there, f"asked {len(self.got)} of {count} times"

    def stop(self) -> None:
        self.drips = False
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()
