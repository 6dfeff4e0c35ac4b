"""How long a draft lives without a socket: N, service time, and the record of absences N is tuned from."""
