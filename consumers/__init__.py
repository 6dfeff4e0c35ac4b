"""The live connection between tabs and server: one protocol, over WebSockets or HTTP."""
