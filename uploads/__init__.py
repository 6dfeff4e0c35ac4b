"""Draft uploads: files of a record that does not exist yet. Hosts use `uploads.api`."""
