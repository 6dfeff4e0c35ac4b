"""The minimum a server can do for an upload: blocking sockets, one thread each, bytes into a file, acknowledgements.

No framing, masking, sign-in or event loop, and a hash only on request. Run as a separate process, ``python -m
benchmarks.raw_sink <directory> <chunk bytes> [sha256]``; the first line it prints is its port.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import tempfile
from threading import Thread

ACK = b"."


def main(directory: str, chunk_bytes: int, hash_name: str = "") -> None:
    """Accept connections until the process is stopped."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            Thread(target=receive, args=(connection, directory, chunk_bytes, hash_name), daemon=True).start()


def receive(connection: socket.socket, directory: str, chunk_bytes: int, hash_name: str) -> None:
    """Write what arrives to an unnamed file in `directory`, acknowledging every `chunk_bytes`."""
    digest = hashlib.new(hash_name) if hash_name else None
    chunk = memoryview(bytearray(chunk_bytes))
    with connection, tempfile.TemporaryFile(dir=directory, buffering=0) as file:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while connection.recv_into(chunk, flags=socket.MSG_WAITALL) == chunk_bytes:
            os.write(file.fileno(), chunk)
            if digest is not None:
                digest.update(chunk)
            connection.sendall(ACK)


class RawLink:
    """The client's end of a connection to the sink; satisfies `benchmarks.frames.Link`."""

    def __init__(self, port: int, chunk_bytes: int) -> None:
        self._chunk_bytes = chunk_bytes
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, wire: bytes) -> None:
        """Write all of it."""
        self._socket.sendall(wire)

    def acknowledged(self) -> int:
        """Wait for the next acknowledgements; return how many bytes they acknowledge."""
        acks = self._socket.recv(64)
        if not acks:
            raise ConnectionError("the raw sink hung up")
        return len(acks) * self._chunk_bytes

    def close(self) -> None:
        """Disconnect; the sink drops the file."""
        self._socket.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
