"""Stores for finished files: the interface (`base`), the backends, and the current one (`registry`)."""
