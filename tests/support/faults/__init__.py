"""One thing that is broken, each for as long as a test wants.

Channel layers that fail (`broken_layer`), lose messages (`dropping_layer`) or drop everything (`silent_layer`);
`cut_commit` breaks the database's connection in the moment of a COMMIT; `held_draft` holds a draft's lock;
`database_copy` restores an older database. Faults of whole processes and networks are in `tests.support.servers`.
"""
