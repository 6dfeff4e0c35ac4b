"""Which tests run, how often, and how the database is emptied between them.

`counts.counted` gives a counted test its number of rounds, `fast` selects unit tests for `python3 -m tests fast`, and
`emptied_database` empties the database after each test that committed. `shared_out` divides test modules among several
runs of pytest.
"""
