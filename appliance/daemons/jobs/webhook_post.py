"""One POST of one event to one webhook: signed, bounded in time, and not to ourselves.

    Linghe-Webhook     the webhook's id in the site file
    Linghe-Event       the event's name
    Linghe-Event-Id    the event's id: an event that comes twice has the same
    Linghe-Timestamp   when this was sent, seconds since 1970-01-01 UTC
    Linghe-Signature   "v1=" and HMAC-SHA256 (RFC 2104) of timestamp, ".", body, in hexadecimal
                       digits; the key is the webhook's secret as it stands in the site file

The receiver computes the same, compares in constant time, and refuses what is older than five
minutes. A name is resolved once and that very address is connected to, so that what was checked is
what is used. Redirects are not followed, proxies of the environment are not asked.
"""

import hashlib
import hmac
import logging
import socket
import ssl
import time
from http.client import HTTPException
from threading import Timer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from appliance import __version__
from appliance.store.webhooks import Attempt
from appliance.vocabulary.ids import Utc, WebhookId

logger = logging.getLogger(__name__)

TIMEOUT_S = 5.0
"""For all of it, from the first packet to the answer; the name is resolved before."""
SHOWN_OF_ANSWER = 120
MOST_READ = 64 * 1024
"""Of an answer's body; more, and the connection is closed instead of used again."""


class Refused(Exception):
    """An address that is not sent to."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what Linghe-Signature says.

    >>> signature("secret", "1", b"{}")[:11]
    'v1=1122767b'
    """
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_own(address: str) -> bool:
    """Say whether this address is the box's own: only an own one can be listened at."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def address_of(host: str, port: int, own_ports: frozenset[int]) -> str:
    """Resolve a name. Refused for the box's own ports, OSError for a name that is not known."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    if port in own_ports and is_own(address):
        raise Refused("this is a port of the box itself")
    return address


class Receiver:
    """The other end of one webhook; its connection is kept from one event to the next."""

    def __init__(self, webhook: WebhookId, url: str, own_ports: frozenset[int]) -> None:
        self._webhook, self._own_ports = webhook, own_ports
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._is_safe = parts.scheme == "https"
        self._port = parts.port or (443 if self._is_safe else 80)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._named = parts.netloc
        self._connection: HTTPConnection | None = None

    def post(self, name: str, number: int, body: bytes, secret: str) -> Attempt:
        """Send one event; tell what came of it. Never raises for what the other end does."""
        begun, at = time.monotonic(), Utc(time.time())
        try:
            status, answer = self._answer(self._headers(name, number, body, secret), body)
            error = "" if 200 <= status < 300 else f"answered {status} {answer}".strip()
        except (OSError, HTTPError, HTTPException, Refused, ValueError) as failure:
            status, error = 0, said(failure, TIMEOUT_S)
        if error:
            self.close()
        seconds = round(time.monotonic() - begun, 3)
        return Attempt(at=at, status=status, error=error[:300], seconds=seconds)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _headers(self, name: str, number: int, body: bytes, secret: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        return {
            "Host": self._named,
            "User-Agent": f"Linghe/{__version__}",
            "Content-Type": "application/json",
            "Linghe-Webhook": self._webhook,
            "Linghe-Event": name,
            "Linghe-Event-Id": str(number),
            "Linghe-Timestamp": timestamp,
            "Linghe-Signature": signature(secret, timestamp, body),
        }

    def _answer(self, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        address = address_of(self._host, self._port, self._own_ports)
        if self._connection is not None and self._connection.host != address:
            self.close()
        connection = self._connection or self._opened(address)
        self._connection = connection
        with Cutter(connection, TIMEOUT_S) as guard:
            # Nobody reads the answer: it is not unpacked, whatever it says that it is packed with.
            connection.request(
                "POST", self._target, body, headers, preload_content=False, decode_content=False
            )
            guard.is_asked()
            answer = connection.getresponse()
            read = answer.read(MOST_READ)
            if len(read) == MOST_READ or answer.headers.get("Connection", "").lower() == "close":
                self.close()
        return answer.status, _text(read)

    def _opened(self, address: str) -> HTTPConnection:
        if not self._is_safe:
            return HTTPConnection(address, self._port, timeout=TIMEOUT_S)
        return HTTPSConnection(
            address,
            self._port,
            timeout=TIMEOUT_S,
            server_hostname=self._host,
            assert_hostname=self._host,
            ssl_context=ssl.create_default_context(),
        )


BROKEN = (OSError, HTTPError, HTTPException, ValueError)
"""What a connection that was cut looks like to who reads from it."""


class Cutter:
    """Ends a connection that takes too long: each read has a bound of its own, and who drips byte
    after byte would pass all of those. Used by `with`: TimeoutError at its end where it has cut,
    in the place of what the broken connection looked like; any other exception is left alone."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self._connection = connection
        self._asked: socket.socket | None = None
        self._has_cut = False
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._has_cut and (error is None or isinstance(error, BROKEN)):
            raise TimeoutError("timed out") from error

    def is_asked(self) -> None:
        """The question is out. From the head of an answer that ends with its connection, the
        connection knows its socket no more (http.client), and only the answer has it."""
        self._asked = self._connection.sock

    def _cut(self) -> None:
        self._has_cut = True
        sock = self._connection.sock or self._asked
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError as error:
                logger.debug("closed already: %s", error)


def _text(read: bytes) -> str:
    text = read[: 4 * SHOWN_OF_ANSWER].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text)[:SHOWN_OF_ANSWER].strip()


def said(failure: Exception, seconds: float) -> str:
    """Word a failure without the library's own names; `seconds`: what it had at most."""
    if isinstance(failure, Refused):
        return str(failure)
    if isinstance(failure, socket.gaierror):
        return "its name is not known"
    if "timed out" in str(failure).lower():
        return f"no answer within {seconds:g} s"
    # What is no HTTP stands in the library's sentence: it is shown to people as any answer is.
    text = _text(str(failure).rpartition(": ")[2].encode()) or type(failure).__name__
    return f"cannot be reached: {text}"
