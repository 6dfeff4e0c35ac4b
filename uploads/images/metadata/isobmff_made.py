"""Write AVIF files with one image in ordinary boxes."""

from __future__ import annotations

import struct
from typing import NamedTuple

MAIN, ALPHA = 1, 2
"""The ids of the items."""
ESSENTIAL = 0x80
TURNS = {3: 2, 5: 1, 6: 3, 7: 1, 8: 1}
MIRRORS = {2: 1, 4: 0, 5: 0, 7: 1}
"""The values of the properties `irot` and `imir` for each orientation."""
ALPHA_TYPE = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"


class Picture(NamedTuple):
    """The contents of such a file.

    `colours`: primaries, transfer and matrix. Coded images: their configuration and data.
    """

    width: int
    height: int
    orientation: int
    channels: int
    depth: int
    colours: tuple[int, int, int]
    full_range: bool
    profile: bytes
    main: tuple[bytes, bytes]
    alpha: tuple[bytes, bytes] | None
    premultiplied: bool


def written(picture: Picture) -> bytes:
    """Return the bytes of the file."""
    head = _box(b"ftyp", b"avif\0\0\0\0avifmif1miaf")
    data = [picture.main[1]] + ([picture.alpha[1]] if picture.alpha else [])
    start = len(head) + len(_meta(picture, [0] * len(data))) + 8
    places = [start, start + len(data[0])][: len(data)]
    return head + _meta(picture, places) + _box(b"mdat", b"".join(data))


def _meta(picture: Picture, places: list[int]) -> bytes:
    lengths = [len(picture.main[1]), len(picture.alpha[1]) if picture.alpha else 0]
    items = [MAIN, ALPHA][: len(places)]
    table = zip(items, places, lengths, strict=False)
    where = b"".join(struct.pack(">HHHII", item, 0, 1, at, length) for item, at, length in table)
    kinds = b"".join(_full(b"infe", struct.pack(">HH4sx", item, 0, b"av01"), version=2) for item in items)
    return _full(
        b"meta",
        _full(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + _full(b"pitm", struct.pack(">H", MAIN))
        + _full(b"iloc", struct.pack(">BBH", 0x44, 0, len(places)) + where)
        + _full(b"iinf", struct.pack(">H", len(places)) + kinds)
        + _references(picture)
        + _properties(picture),
    )


def _references(picture: Picture) -> bytes:
    if picture.alpha is None:
        return b""
    links = _box(b"auxl", struct.pack(">HHH", ALPHA, 1, MAIN))
    if picture.premultiplied:
        links += _box(b"prem", struct.pack(">HHH", MAIN, 1, ALPHA))
    return _full(b"iref", links)


def _properties(picture: Picture) -> bytes:
    size = _full(b"ispe", struct.pack(">II", picture.width, picture.height))
    colours = b"nclx" + struct.pack(">HHHB", *picture.colours, picture.full_range << 7)
    main = [
        (ESSENTIAL, _box(b"av1C", picture.main[0])),
        (0, size),
        (0, _full(b"pixi", bytes([picture.channels]) + bytes([picture.depth]) * picture.channels)),
        (ESSENTIAL, _box(b"colr", colours)),
    ]
    if picture.profile:
        main.append((ESSENTIAL, _box(b"colr", b"prof" + picture.profile)))
    turns = []
    if picture.orientation in TURNS:
        turns.append((ESSENTIAL, _box(b"irot", bytes([TURNS[picture.orientation]]))))
    if picture.orientation in MIRRORS:
        turns.append((ESSENTIAL, _box(b"imir", bytes([MIRRORS[picture.orientation]]))))
    used = {MAIN: [*main, *turns]}
    if picture.alpha:
        alpha = [
            (ESSENTIAL, _box(b"av1C", picture.alpha[0])),
            (0, size),
            (0, _full(b"pixi", bytes([1, picture.depth]))),
            (ESSENTIAL, _full(b"auxC", ALPHA_TYPE)),
        ]
        used[ALPHA] = [*alpha, *turns]
    every = list(dict.fromkeys(entry for has in used.values() for _, entry in has))
    table = b"".join(
        struct.pack(">HB", item, len(has)) + bytes(essential | every.index(entry) + 1 for essential, entry in has)
        for item, has in used.items()
    )
    return _box(b"iprp", _box(b"ipco", b"".join(every)) + _full(b"ipma", struct.pack(">I", len(used)) + table))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _full(kind: bytes, content: bytes, version: int = 0) -> bytes:
    """Return a box with a version."""
    return _box(kind, struct.pack(">I", version << 24) + content)
