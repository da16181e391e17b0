"""The box's own certificates: made on the box, at its first start (design: security).

Two, under LINGHE_DATA/certificates: an *authority* of this box alone, which phones and browsers are
told to trust once (`authority.pem`, to be given away), and the box's own certificate that it signs
(`box.pem`), which is made anew whenever the box's addresses change or its time runs out. Keys never
leave the box, mode 0600. Who has a certificate of his own puts it there as `own.pem` and `own.key`;
it is used as it is and never touched.

The library that makes them takes 0.1 s to import, so that it is used only when one must be made or
read; `box.json` says what the present one says.
"""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from appliance.store.places import Paths
from appliance.store.private_file import make_folder, write_private
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.shape import Value

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

AUTHORITY_DAYS = 20 * 365
BOX_DAYS = 825
"""What browsers and phones accept at most."""
RENEW_DAYS = 60
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
"""Valid from here, not from today: a box without a battery may believe any date at first start."""


class Facts(Value, frozen=True, kw_only=True):
    """What the box's own certificate says."""

    names: tuple[str, ...]
    """Host names and addresses."""
    ends_at: float
    """Utc."""


class Served(Value, frozen=True, kw_only=True):
    """What the box listens with."""

    certificate: str
    key: str
    """Paths."""
    is_own: bool
    """True: the owner's."""


def served(paths: Paths) -> Served | None:
    """Return what the box listens with now; None before its first start."""
    folder = paths.certificates
    for name, is_own in (("own", True), ("box", False)):
        pair = folder / f"{name}.pem", folder / f"{name}.key"
        if all(one.exists() for one in pair):
            return Served(certificate=str(pair[0]), key=str(pair[1]), is_own=is_own)
    return None


def made_ready(paths: Paths, names: Sequence[str], now: datetime) -> Served:
    """Return what to listen with; make it where it is missing, runs out, or names other addresses.

    Raises EquipmentError when it can be neither read nor made.
    """
    there = served(paths)
    if there is not None and (there.is_own or _is_good(paths, names, now)):
        return there
    try:
        make_folder(paths.certificates)
        _make(paths.certificates, names, now)
    except (OSError, ValueError) as error:
        raise EquipmentError(f"cannot make a certificate in {paths.certificates}: {error}") from (
            error
        )
    made = served(paths)
    if made is None:
        raise EquipmentError(f"there is no certificate in {paths.certificates}")
    return made


def ends_at(certificate: Path) -> datetime:
    """Return when a certificate runs out. Raises EquipmentError."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise EquipmentError(f"cannot read {certificate}: {error}") from error


def _is_good(paths: Paths, names: Sequence[str], now: datetime) -> bool:
    try:
        facts = msgspec.json.decode(_facts_file(paths.certificates).read_bytes(), type=Facts)
    except (OSError, msgspec.MsgspecError):
        return False
    left = facts.ends_at - now.timestamp()
    return left > RENEW_DAYS * 86400 and set(names) <= set(facts.names)


def _facts_file(folder: Path) -> Path:
    return folder / "box.json"


def _make(folder: Path, names: Sequence[str], now: datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    authority, authority_key = _authority(folder, now)
    key, certificate = _signed(authority, authority_key, names, now)
    write_private(folder / "box.key", _pem_of(key))
    chain = certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    write_private(folder / "box.pem", chain)
    facts = Facts(names=tuple(names), ends_at=certificate.not_valid_after_utc.timestamp())
    write_private(_facts_file(folder), msgspec.json.encode(facts) + b"\n")
    # read back, as a phone will: a damaged file is better found now
    x509.load_pem_x509_certificate((folder / "box.pem").read_bytes())


def _authority(
    folder: Path, now: datetime
) -> "tuple[x509.Certificate, ec.EllipticCurvePrivateKey]":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

    place, key_place = folder / "authority.pem", folder / "authority.key"
    if place.exists() and key_place.exists():
        found = x509.load_pem_x509_certificate(place.read_bytes())
        key = load_pem_private_key(key_place.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and found.not_valid_after_utc > now:
            return found, key
    fresh = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Linghe box {os.urandom(4).hex()}")
    builder = (
        _begun(name, name, fresh.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(fresh.public_key()), False)
    )
    made = _sealed(builder, fresh)
    write_private(key_place, _pem_of(fresh))
    write_private(place, made.public_bytes(Encoding.PEM))
    return made, fresh


def _signed(
    authority: "x509.Certificate",
    authority_key: "ec.EllipticCurvePrivateKey",
    names: Sequence[str],
    now: datetime,
) -> "tuple[ec.EllipticCurvePrivateKey, x509.Certificate]":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    # P-256: a handshake costs the loop 0.2 ms, an RSA key of 2048 bits five times that
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _begun(_name(names[0]), authority.subject, key.public_key(), now, BOX_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), False
        )
    )
    return key, _sealed(builder, authority_key)


def _begun(
    subject: "x509.Name",
    issuer: "x509.Name",
    key: "ec.EllipticCurvePublicKey",
    now: datetime,
    days: int,
) -> "x509.CertificateBuilder":
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(BEGINNING, now))
        .not_valid_after(max(BEGINNING, now) + timedelta(days=days))
    )


def _sealed(
    builder: "x509.CertificateBuilder", key: "ec.EllipticCurvePrivateKey"
) -> "x509.Certificate":
    from cryptography.hazmat.primitives.hashes import SHA256

    return builder.sign(key, SHA256())


def _name(common: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _usage(*, is_authority: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Sequence[str]) -> "list[x509.GeneralName]":
    """Addresses stand there twice: phones built on mbedTLS (linphone) know only names of hosts."""
    from cryptography import x509

    found: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            continue
    return found


def _pem_of(key: "ec.EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
