"""The operations on one file of a draft, and the HTTP views that receive and serve files."""
