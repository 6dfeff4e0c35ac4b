"""The checks before a socket is opened: the origin of its page and the session in its cookie."""
