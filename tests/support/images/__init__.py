"""Images generated in code from a seed; nothing is downloaded.

`pictures.picture` is small, `pictures.photo` has as many megabytes as requested.
`photos` and `heic` create images as cameras do, with all metadata.
`metadata_checks` compares them before and after its removal. `hostile` has malicious files.
The table of all cases is `tests.support.corpus`.
"""
