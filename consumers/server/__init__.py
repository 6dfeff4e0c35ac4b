"""Serving an ASGI application: the Daphne launcher, the lifespan protocol, the limit of a body."""
