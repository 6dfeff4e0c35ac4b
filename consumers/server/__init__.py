"""Serving an ASGI application: the Daphne launcher, the lifespan protocol and the request body limits."""
