"""The protocol over HTTP, for networks that block WebSockets."""
