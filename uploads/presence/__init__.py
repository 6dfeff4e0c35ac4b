"""Who is there: processes by their leases, tabs by their sockets or polling sessions."""
