"""How long a draft lives without a socket: N, service time, and the recorded disconnections."""
