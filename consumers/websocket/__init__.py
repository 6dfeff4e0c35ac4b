"""The protocol over a WebSocket: one consumer for each tab."""
