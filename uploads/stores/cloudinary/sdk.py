"""The vendor's SDK, imported without its own reading of the environment.

On import it parses ``CLOUDINARY_URL`` and raises `ValueError` for any other scheme. Our credentials come from
`credentials` alone, which reports such a URL as a finding of the system checks.
"""

from __future__ import annotations

import os

_url = os.environ.pop("CLOUDINARY_URL", None)
try:
    import cloudinary
    from cloudinary import utils
finally:
    if _url is not None:
        os.environ["CLOUDINARY_URL"] = _url

__all__ = ["cloudinary", "utils"]
