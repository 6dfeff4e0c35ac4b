"""Comparing the store's listing with the database and deleting what belongs to no file."""
