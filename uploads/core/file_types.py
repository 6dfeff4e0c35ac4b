"""Map between content types and file names: what a client means, what a file is called. Pure; the content decides."""

from __future__ import annotations

from uploads.core import names
from uploads.core.limits import CONTENT_TYPES, NEEDS_PREVIEW

ALIASES = {
    **dict.fromkeys(("image/jpg", "image/pjpeg", "image/jfif", "image/x-jpeg", "image/x-jpg"), "image/jpeg"),
    "image/x-png": "image/png",
    "image/x-webp": "image/webp",
}
"""Names that some systems use for the types."""
VAGUE = {"", "application/octet-stream", "binary/octet-stream", "application/x-binary", "image/*", "*/*"}
"""What systems send that do not know a file's type."""
_HEIC = ("heic", "heif", "hif")
EXTENSIONS = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif", "pjpeg", "pjp"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    "image/avif": ("avif",),
    "image/heic": _HEIC,
    "image/heif": ("heif", "heic", "hif"),
}
"""The extensions of each type."""
OTHER_EXTENSIONS = {"apng", "bmp", "gif", "jxl", "mpo", "tif", "tiff"}
"""Extensions of other image types: on an image of a type that is accepted they are wrong."""
_TYPE_OF = {
    **{extension: kind for kind, extensions in reversed(EXTENSIONS.items()) for extension in extensions},
    **{extensions[0]: kind for kind, extensions in EXTENSIONS.items()},
}
UNNAMED = "image/jpeg"
"""What a file counts as before the check, when neither its type nor its name tells."""


def meant(name: str, content_type: str) -> str:
    """Return the content type a client means: `content_type` under its usual name, or by the extension of `name`."""
    said = content_type.partition(";")[0].strip().lower()
    if said not in VAGUE:
        return ALIASES.get(said, said)
    extension = _extension(name)
    return UNNAMED if extension is None else _TYPE_OF.get(extension, said)


def named_as(announced: str, actual: str) -> str:
    """Return the type of a file whose content is `actual`: HEIC has two names, and `announced` may be either."""
    return announced if announced in NEEDS_PREVIEW and actual in NEEDS_PREVIEW else actual


def named(name: str, content_type: str) -> str:
    """Return `name` with an extension of `content_type`.

    It replaces the extension of another image type, and is appended to any other name.
    """
    name = names.display_name(name)
    extension = _extension(name)
    if extension in EXTENSIONS[content_type]:
        return name
    stem = name.rpartition(".")[0] if extension in _TYPE_OF.keys() | OTHER_EXTENSIONS else name
    return names.display_name(stem + CONTENT_TYPES[content_type])


def _extension(name: str) -> str | None:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if stem and dot else None
