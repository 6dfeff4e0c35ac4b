"""Images made in code from a seed; nothing is downloaded.

`pictures.picture` is small, `pictures.photo` has as many megabytes as asked. `photos` and `heic` are as cameras make
them, with all they tell; `stripped` compares before and after that was removed. `hostile` has files that are no honest
image. The table of all cases is `tests.support.corpus`.
"""
