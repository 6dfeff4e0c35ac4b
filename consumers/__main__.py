"""``python -m consumers``: serve ``asgi.application`` with Daphne; see `consumers.server.daphne`."""

if __name__ == "__main__":
    # Imported only here: the processes that decode images import this module too and must stay small.
    from consumers.server.daphne import main

    raise SystemExit(main())
