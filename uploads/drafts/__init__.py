"""Drafts: opening, changing, listing, ending and committing them."""
