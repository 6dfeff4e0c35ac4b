"""Presence: processes by their leases, tabs by their sockets or polling sessions."""
