"""Certificates for ``localhost`` made for the tests: a right one, and some not to be trusted."""

import datetime as dt
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import trustme

_LONG_AGO = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Authorities:
    """Server contexts by what is wrong with their certificate."""

    right: ssl.SSLContext
    unknown: ssl.SSLContext
    """Signed by an authority that nobody knows."""
    self_signed: ssl.SSLContext
    expired: ssl.SSLContext
    wrong_host: ssl.SSLContext
    trusted: bytes
    """The certificate of the one authority to be trusted, as PEM."""

    def write(self, directory: Path) -> Path:
        """Write what ``SSL_CERT_FILE`` is to name."""
        path = directory / "authority.pem"
        path.write_bytes(self.trusted)
        return path


@cache
def authorities() -> Authorities:
    """Make them, once in a process."""
    trusted = trustme.CA()
    return Authorities(
        right=_context(trusted.issue_cert("localhost", "127.0.0.1")),
        unknown=_context(trustme.CA().issue_cert("localhost")),
        self_signed=_self_signed(),
        expired=_context(trusted.issue_cert("localhost", not_after=_LONG_AGO)),
        wrong_host=_context(trusted.issue_cert("elsewhere.example")),
        trusted=trusted.cert_pem.bytes(),
    )


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _self_signed() -> ssl.SSLContext:
    own = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with own.cert_pem.tempfile() as certificate, own.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context
