"""Which tests run, how often, and what is left between them.

`counts.counted` gives a counted test its share of rounds, `fast` keeps unit tests for `python3 -m tests fast`,
`emptied_database` empties the database after each test that committed. `shared_out` divides test modules among several
runs of pytest.
"""
