"""Somebody else's program: takes webhooks over HTTP on loopback, refuses, falls silent, checks."""

import hashlib
import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "test-only-secret-of-the-receiver"


class WebhookReceiver:
    """Every POST it got, in order; its answers are told in advance."""

    def __init__(self, *answers: int, port: int = 0) -> None:
        """`answers`: the first statuses; then 204 for ever. 0: not a word, until it is stopped."""
        self.answers = list(answers)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.changed = threading.Condition()
        self.stopped = threading.Event()
        self.location = ""
        self.packed_with = ""
        receiver = self

        class Room(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.changed:
                    receiver.got.append((dict(self.headers), body))
                    status = receiver.answers.pop(0) if receiver.answers else 204
                    receiver.changed.notify_all()
                if not status:
                    receiver.stopped.wait(30)
                    self.close_connection = True
                    return
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                if receiver.packed_with:
                    self.send_header("Content-Encoding", receiver.packed_with)
                self.send_header("Content-Length", "4" if receiver.packed_with else "0")
                self.end_headers()
                if receiver.packed_with:
                    self.wfile.write(b"none")

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Room)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/hook?from=linghe"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int, seconds: float = 20.0) -> list[dict[str, Any]]:
        """Return the bodies once there are so many POSTs; each must be rightly signed."""
        with self.changed:
            there = self.changed.wait_for(lambda: len(self.got) >= count, seconds)
            assert there, f"{len(self.got)} of {count} came within {seconds} s"
            got = list(self.got)
        return [self.checked(headers, body) for headers, body in got]

    def checked(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """Check the signature as the documentation tells a receiver to."""
        signed = headers["Linghe-Timestamp"].encode() + b"." + body
        wanted = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(wanted, headers["Linghe-Signature"])
        told: dict[str, Any] = json.loads(body)
        assert headers["Linghe-Event"] == told["event"]
        assert headers["Linghe-Event-Id"] == str(told["id"])
        return told


def silent_listener() -> socket.socket:
    """A port where somebody listens and never says anything."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener
