"""The live wire: what tabs and the server say to each other, over WebSockets or HTTP."""
