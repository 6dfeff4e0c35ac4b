"""The protocol over a WebSocket: one consumer per tab."""
