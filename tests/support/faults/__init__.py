"""Faults, each of which breaks one thing for as long as a test wants.

Channel layers that fail (`broken_layer`), lose messages (`dropping_layer`) or drop everything (`silent_layer`).
`cut_commit` breaks the database connection during a COMMIT, `held_draft` holds a draft's lock, and `database_copy`
restores an older database. Faults of whole processes and networks are in `tests.support.servers`.
"""
