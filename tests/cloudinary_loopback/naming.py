"""The id of an upload and the folder it lies in: rules over plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from msgspec import Struct

from tests.cloudinary_loopback.parameters import Value, flag, text
from tests.cloudinary_loopback.refusals import Refused

FORBIDDEN = re.compile(r"[?&#\\%<>+\x00-\x1f]|^[ /]|[ /]$|//")
"""Official reference: what no public id may hold."""


class Name(Struct, frozen=True):
    """What a stored asset is called."""

    public_id: str
    folder: str
    display_name: str


def check(public_id: str, parameter: str = "public_id") -> str:
    """The id itself. Raises `Refused` (400; the text is assumed)."""
    if not public_id or len(public_id) > 255 or FORBIDDEN.search(public_id):
        raise Refused(400, f"{parameter} ({public_id}) is invalid")
    return public_id


def stem(filename: str) -> str:
    """The bare name of what a client sent, whose path may be of any system."""
    return PurePosixPath(filename.replace("\\", "/")).stem or "file"


def extension(filename: str) -> str:
    return PurePosixPath(filename.replace("\\", "/")).suffix.lstrip(".").lower()


def name(parameters: Mapping[str, Value], filename: str, rt: str, dynamic: bool, random: str) -> Name:
    """What an upload will be called; `random` is 20 characters that no other asset has.

    Official reference for the folder parameters: `folder` prefixes the id and, in dynamic mode, is the asset folder
    too; `asset_folder` is a label and enters the id only when asked; in fixed mode the folder is the id's path.
    """
    public_id = check("/".join([*_prefixes(parameters, dynamic), _last(parameters, filename, rt, random)]))
    shown = text(parameters, "display_name") or public_id.rpartition("/")[2]
    if flag(parameters, "use_filename_as_display_name"):
        shown = stem(filename)
    if not dynamic:
        return Name(public_id, public_id.rpartition("/")[0], shown)
    return Name(public_id, (text(parameters, "asset_folder") or text(parameters, "folder")).strip("/"), shown)


def _prefixes(parameters: Mapping[str, Value], dynamic: bool) -> list[str]:
    found = [text(parameters, "folder"), text(parameters, "public_id_prefix")]
    if dynamic and flag(parameters, "use_asset_folder_as_public_id_prefix"):
        found.append(text(parameters, "asset_folder"))
    return [prefix.strip("/") for prefix in found if prefix.strip("/")]


def _last(parameters: Mapping[str, Value], filename: str, rt: str, random: str) -> str:
    if given := text(parameters, "public_id"):
        return given
    made = random
    if flag(parameters, "use_filename"):
        made = stem(filename)
        if flag(parameters, "unique_filename", default=True):
            made += f"_{random[:6]}"
    ending = extension(filename)
    return f"{made}.{ending}" if rt == "raw" and ending else made
