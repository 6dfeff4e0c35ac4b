"""Telling tabs what changed: this process's connections, the layer to the others, the events on it."""
