"""The tools that tests share, in one folder per kind; the docstring of each folder names its main ones.

`browser` drives a page, `servers` runs processes and networks, `wire` speaks the protocol without a browser, `stores`,
`images` and `corpus` create what is stored, `faults` breaks one thing, `time` sets clocks, and `run` selects tests.

The fixture modules next to these folders are imported by the `conftest.py` of the folders that use them.
"""
