"""One command from a fresh clone to a running server: environment, secret key, database, static files."""
