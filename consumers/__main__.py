"""``python -m consumers``: serve ``asgi.application`` with Daphne; see `consumers.server`."""

from consumers.server import main

if __name__ == "__main__":
    raise SystemExit(main())
