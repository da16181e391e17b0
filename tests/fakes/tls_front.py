"""TLS before or behind a program that has none: sipp as a carrier over TLS.

`TlsFront` listens with a certificate and passes what it hears to a plain TCP port; `TlsBack`
listens plainly and passes on over TLS. Python's own ssl, nothing of the box's.
"""

import datetime
import ipaddress
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def certificate(folder, *names):
    """Write an RSA certificate that signed itself; return its file, and its key's."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([_alternative(one) for one in names]), False)
        .sign(key, SHA256())
    )
    pem, secret = folder / f"{names[0]}.pem", folder / f"{names[0]}.key"
    pem.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem, secret


def _alternative(name):
    if name.startswith("sip:"):
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Relay:
    """A listener whose connections go on to another port."""

    def __init__(self, port, to_port, address="127.0.0.1"):
        self.address, self.to_port = address, to_port
        self.failures = []
        """What went wrong with handshakes."""
        self.accepted = 0
        self._open = []
        self._listener = socket.create_server((address, port))
        self._is_over = False
        threading.Thread(target=self._listen, daemon=True).start()

    def wrap_in(self, accepted):
        return accepted

    def wrap_out(self, made):
        return made

    def _listen(self):
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(accepted,), daemon=True).start()

    def _join(self, accepted):
        try:
            near = self.wrap_in(accepted)
            far = self.wrap_out(socket.create_connection(("127.0.0.1", self.to_port)))
        except OSError as error:
            self.failures.append(error)
            accepted.close()
            return
        self.accepted += 1
        self._open += [near, far]
        threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
        self._carry(far, near)

    def _carry(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def drop(self):
        """Cut every connection, and listen on."""
        for one in self._open:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._open.clear()

    def stop(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.drop()


class TlsFront(Relay):
    """TLS outside, TCP inside."""

    def __init__(self, pem, key, port, to_port, address="127.0.0.1"):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem, key)
        super().__init__(port, to_port, address)

    def wrap_in(self, accepted):
        accepted.settimeout(10)
        secure = self.context.wrap_socket(accepted, server_side=True)
        secure.settimeout(None)
        return secure


class TlsBack(Relay):
    """TCP inside, TLS outside, to whom this authority vouches for."""

    def __init__(self, authority, port, to_port):
        self.context = ssl.create_default_context(cafile=authority)
        super().__init__(port, to_port)

    def wrap_out(self, made):
        return self.context.wrap_socket(made, server_hostname="127.0.0.1")


class LastingFront(TlsFront):
    """TLS outside; inside one TCP connection that outlives those outside: sipp gives a call up
    whose connection is gone, a carrier does not."""

    _inner = None

    def _join(self, accepted):
        try:
            near = self.wrap_in(accepted)
        except OSError as error:
            self.failures.append(error)
            accepted.close()
            return
        self._near = near
        self._open.append(near)
        if self._inner is None:
            self._inner = socket.create_connection(("127.0.0.1", self.to_port))
            self._open.append(self._inner)
            threading.Thread(target=self._outward, daemon=True).start()
        self.accepted += 1
        try:
            while data := near.recv(65536):
                self._inner.sendall(data)
        except OSError:
            pass

    def _outward(self):
        try:
            while data := self._inner.recv(65536):
                self._near.sendall(data)
        except OSError:
            pass
