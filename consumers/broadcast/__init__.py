"""Broadcasts to tabs: the connections of this process, the channel layer to the others, and the events on it."""
