"""The tools that tests share, a folder for each kind; each folder's page names its main ones.

`browser` drives a page, `servers` runs processes and networks, `wire` speaks the protocol without a browser, `stores`
and `images` and `corpus` make what is stored, `faults` breaks one thing, `time` sets clocks, `run` chooses tests.
The modules of fixtures beside this page are imported by the `conftest.py` of the folders that use them.
"""
