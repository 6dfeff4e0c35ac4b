"""Serve an emulated Cloudinary, to try things without an account.

    python -m devtools.cloudinary_loopback [--port P]

Prints the CLOUDINARY_URL to give the product. Assets are lost when it ends.
"""

from __future__ import annotations

import argparse
import signal
import threading

from devtools.cloudinary_loopback.server import CloudinaryServer


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--port", type=int, default=0)
    ended = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: ended.set())
    server = CloudinaryServer(options.parse_args().port).start()
    print(f"CLOUDINARY_URL={server.cloud('demo').url}", flush=True)
    ended.wait()
    server.stop()


if __name__ == "__main__":
    main()
