"""A Cloudinary to try things with, without an account.

    python -m devtools.cloudinary_loopback [--port P] [--folder DIR] [--cloud NAME] [--fixed-folders]

Prints the CLOUDINARY_URL to give the product. Assets are forgotten when it ends.
"""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from devtools.cloudinary_loopback.server import CloudinaryServer


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--folder", type=Path)
    options.add_argument("--cloud", default="demo")
    options.add_argument("--fixed-folders", action="store_true", help="as clouds made before June 2024")
    chosen = options.parse_args()
    ended = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: ended.set())
    server = CloudinaryServer(chosen.folder, chosen.port).start()
    cloud = server.cloud(chosen.cloud, dynamic_folders=not chosen.fixed_folders)
    print(f"CLOUDINARY_URL={cloud.url}", flush=True)
    ended.wait()
    server.stop()


if __name__ == "__main__":
    main()
