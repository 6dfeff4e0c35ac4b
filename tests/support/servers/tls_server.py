"""A TLS server with a self-signed certificate. It reads slowly and never responds."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


class TlsServer:
    """Serves one connection. `received` counts its bytes."""

    def __init__(self, certificate: Path) -> None:
        self.certificate = certificate
        self.received = 0
        write_certificate(certificate)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._socket = socket.create_server((HOST, 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._socket.close()

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        raw, _ = self._socket.accept()
        with raw, suppress(OSError), self._context.wrap_socket(raw, server_side=True) as connection:
            while part := connection.recv(1000):
                self.received += len(part)
                time.sleep(0.01)


def write_certificate(path: Path, *names: str) -> None:
    """Create a key and a certificate for loopback, and for these names."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST)), *(x509.DNSName(name) for name in names)]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(pem) + secret)
