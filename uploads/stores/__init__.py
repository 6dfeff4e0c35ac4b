"""Where finished files live: the contract (`base`), the backends, and the one in force (`registry`)."""
