"""Compare the store's listing with the database and delete the objects of no file."""
