"""A mail server on loopback (aiosmtpd), which takes, refuses, or is away as a test wants."""

import ssl
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from lane import free_port


class MailServer:
    """Keeps what it took."""

    def __init__(self, *, password="", security="none", certificate=None):
        """`certificate`: files of a certificate and its key, for tls and starttls."""
        self.port = free_port()
        self.password = password
        self.taken = []
        """E-mails, as parsed."""
        self.recipients = []
        self.refusals = []
        """Answers to the next letters, in order; "" takes."""
        self.refused_senders, self.refused_recipients = [], []
        """Answers to the next MAIL FROM and RCPT TO, likewise."""
        self.tried = 0
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        self._security = security
        self._controller = None

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.refused_senders and (refusal := self.refused_senders.pop(0)):
            return refusal
        envelope.mail_from = address
        return "250 go on"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tried += 1
        if self.refused_recipients and (refusal := self.refused_recipients.pop(0)):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 go on"

    async def handle_DATA(self, server, session, envelope):
        refusal = self.refusals.pop(0) if self.refusals else ""
        if refusal:
            return refusal
        self.recipients += envelope.rcpt_tos
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def _authenticated(self, server, session, envelope, mechanism, data):
        return AuthResult(success=data.password.decode() == self.password, handled=False)

    def start(self):
        wanted = {}
        if self.password:
            wanted = {
                "authenticator": self._authenticated,
                "auth_required": True,
                "auth_require_tls": False,
            }
        if self._security == "starttls":
            wanted |= {"tls_context": self._tls, "require_starttls": True}
        elif self._security == "tls":
            wanted["ssl_context"] = self._tls
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **wanted)
        self._controller.start()
        return self

    def stop(self):
        if self._controller is not None:
            self._controller.stop()
            self._controller = None
