"""Keys for a cluster: an authority, and for scheduler, workers and clients each a key that it has signed.

The authority's own key is never written: nobody can sign another one with it later. Dask checks both sides of every
connection against the authority's certificate, and no names: all that counts is who has a key.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..errors import GraderError, UsageError
from .target import CA, CERT, KEY, ROLES

_SLACK = datetime.timedelta(hours=1)
"""By which clocks of a cluster may differ."""


@dataclass(frozen=True)
class Keys:
    """The keys of one cluster, as PEM."""

    ca: str
    certs: dict[str, str]
    """By role."""
    keys: dict[str, str]


def make(days: int) -> Keys:
    """New ones that end after so many days."""
    now = datetime.datetime.now(datetime.UTC)
    ends = now + datetime.timedelta(days=days)
    authority = ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("grade cluster authority")
    ca = (
        _builder(ca_name, ca_name, authority.public_key(), now, ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, hashes.SHA256())
    )
    certs, keys = {}, {}
    for role in ROLES:
        key = ec.generate_private_key(ec.SECP256R1())
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        if role != "client":  # a client is connected to by nobody, and cannot pass for a scheduler
            uses.append(ExtendedKeyUsageOID.SERVER_AUTH)
        cert = (
            _builder(_name(f"grade cluster {role}"), ca_name, key.public_key(), now, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
            )
            .sign(authority, hashes.SHA256())
        )
        certs[role] = _pem(cert)
        keys[role] = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    return Keys(_pem(ca), certs, keys)


def write(keys: Keys, folder: Path) -> None:
    """A folder for each role below `folder`, which must not be there; only their owner can read them."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise UsageError(
            f"{folder}: is there already, and a cluster may be using its keys; name another folder"
        ) from None
    except OSError as error:
        raise GraderError(f"{folder}: cannot be made ({error.strerror}); name another folder") from None
    try:
        for role in ROLES:
            (folder / role).mkdir(mode=0o700)
            files = ((CA, keys.ca), (CERT, keys.certs[role]), (KEY, keys.keys[role]))
            for name, text in files:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                with os.fdopen(os.open(folder / role / name, flags, 0o600), "w") as file:
                    file.write(text)
    except OSError as error:
        raise GraderError(
            f"{folder}: cannot be written ({error.strerror}); make room, remove it, and give the command again"
        ) from None


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    ends: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(cert: x509.Certificate) -> str:
    return cert.public_bytes(serialization.Encoding.PEM).decode()
