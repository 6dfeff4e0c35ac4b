"""What people and attackers send, generated in code from a seed: one table with a line per case.

`images.CASES` are files, `names.NAMES` are file names. They can drive anything that accepts an image (a function, a
socket, a form, a browser): send `case.build()` as `case.claim` and expect `case.codes`. `doors` does so with a server.
"""
