"""Ending drafts: the sweeper, idle drafts, the expiry circuit breaker, and changing N live."""
