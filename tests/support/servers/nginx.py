"""A real nginx on loopback, with the configuration recommended in the docs."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
from pathlib import Path

from tests.support.servers.programs import need
from tests.support.servers.server import ROOT, Server, free_port, wait_for
from tests.support.servers.tls_server import write_certificate

SECONDS = 30
NAME = "localhost"
RECIPE = ROOT / "docs" / "deployment" / "nginx.conf"
FRAME = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """nginx in front of `servers`, which share `var`. `changes` are further replacements in the recipe's text."""

    def __init__(self, folder: Path, servers: list[Server], var: Path, **changes: str) -> None:
        self.plain_port, self.port = free_port(), free_port()
        self.folder = folder
        folder.mkdir()
        certificate = folder / "certificate.pem"
        write_certificate(certificate, NAME)
        self.tls = ssl.create_default_context(cafile=str(certificate))
        # Self-signed, so it is its own authority, which a strict client accepts only with the right key usage.
        self.tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
        ports = {f"127.0.0.1:800{number}": f"127.0.0.1:{one.port}" for number, one in enumerate(servers, 1)}
        (folder / "site.conf").write_text(
            changed(
                RECIPE.read_text(),
                {
                    "https://erp.example.com$": f"https://{NAME}:{self.port}$",
                    "erp.example.com;": f"{NAME};",
                    "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
                    "listen 443 ": f"listen 127.0.0.1:{self.port} ",
                    "/etc/ssl/erp.pem": str(certificate),
                    "/srv/erp/var": str(var),
                    **ports,
                    **changes,
                },
            )
        )
        # Started as root, its workers would run as another user without permission to read the ERP's files.
        user = "user root root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(FRAME.format(user=user, folder=folder))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    @property
    def plain_url(self) -> str:
        return f"http://{NAME}:{self.plain_port}"

    @property
    def log(self) -> str:
        return (self.folder / "error.log").read_text()

    def start(self) -> Nginx:
        files = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")]
        self._process = subprocess.Popen([need("nginx"), *files], stderr=subprocess.DEVNULL)
        wait_for(self._accepts, SECONDS, "nginx accepts connections")
        return self

    def _accepts(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.terminate()
            process.wait(SECONDS)


def changed(text: str, changes: dict[str, str]) -> str:
    """Replace the values specific to a site. Raises `AssertionError` if the recipe no longer contains one of them."""
    for old, new in changes.items():
        assert old in text, f"the recipe has no {old!r}"
        text = text.replace(old, new)
    return text
