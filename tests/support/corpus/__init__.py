"""What people and attackers send, made in code from a seed: one table, a line for each case.

`images.CASES` are files, `names.NAMES` what files are called. Whatever takes an image (a function, a socket, a form, a
browser) can be driven by them: send `case.build()` as `case.claim`, expect `case.codes`; `doors` does so to a server.
"""
