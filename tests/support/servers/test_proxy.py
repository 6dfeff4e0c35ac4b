"""What the proxy cuts."""

from __future__ import annotations

import socket

from tests.support.servers.proxy import Proxy


def test_a_connection_opened_in_advance_is_cut_as_well():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        Proxy(server.getsockname()[1]) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as early,
    ):
        # That a later connection gets a response shows that the early one has been accepted.
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as later:
            later.sendall(b"GET / HTTP/1.1\r\n\r\n")
            server.accept()[0].close()
            later.recv(1)
        proxy.cut(stay_closed=True)

        assert early.recv(1) == b""
