"""Who may open a socket: the origin of its page and the session in its cookie."""
