"""Files that are not what they claim, or two things at once."""

from __future__ import annotations

import gzip
from functools import partial
from itertools import permutations

from tests.support.corpus.builders import image, noise, riff, saved, with_chunks, with_segments
from tests.support.corpus.case import case
from tests.support.corpus.good import TYPES
from tests.support.images.hostile import HTML, SVG, frames, plain
from tests.support.images.metadata_checks import XMP, segment
from tests.support.images.photos import SECRETS, photo_taken
from uploads.core.errors import Code

OTHERS = {
    "svg": SVG,
    "svg-entity": b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    "svgz": gzip.compress(SVG, mtime=0),
    "html": HTML,
    "html-with-bom": b"\xff\xfe" + HTML.decode().encode("utf-16-le"),
    "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{} loop\n",
    "zip": b"PK\3\4" + bytes(60),
    "php": b"<?php system($_GET['x']); ?>",
    "elf": b"\x7fELF" + bytes(60),
    "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08moov",
    "psd": b"8BPS\0\1" + bytes(60),
    "fits": b"SIMPLE  =                    T" + bytes(2850),
    "empty": b"",
    "spaces": b" " * 5000,
    "zeros": bytes(5000),
}
FOREIGN = ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000")
SCRIPT = b"*/=1;/*" + HTML
ZIP = b"PK\3\4" + bytes(30) + b"PK\5\6" + bytes(18)
PHP = b"<?php secret_tail(); ?>"

IPTC = b"Photoshop 3.0\08BIM\4\4\0\0\0\0\0\x12secret place...."

LIARS = [
    *(
        case(f"liar-{name}", partial(bytes, content), Code.UNSUPPORTED_TYPE, claim="image/jpeg")
        for name, content in OTHERS.items()
    ),
    *(case(f"liar-{f.lower()}", partial(plain, f), Code.UNSUPPORTED_TYPE, claim="image/jpeg") for f in FOREIGN),
    *(
        case(f"liar-{real.lower()}-as-{said.lower()}", image(real), claim=TYPES[said], found=TYPES[real])
        for real, said in permutations(TYPES, 2)
    ),
    *(case(f"liar-{f.lower()}-animation", partial(frames, f), Code.UNSUPPORTED_TYPE) for f in ("PNG", "WEBP", "AVIF")),
]

POLYGLOTS = [
    case("polyglot-jpeg-comment-html", lambda: with_segments(segment(0xFE, HTML)), claim="image/jpeg", hidden=(HTML,)),
    case("polyglot-jpeg-zip", lambda: saved(noise(60, 40), "JPEG") + ZIP, claim="image/jpeg", hidden=(ZIP,)),
    case("polyglot-jpeg-php", lambda: saved(noise(60, 40), "JPEG") + PHP, claim="image/jpeg", hidden=(PHP,)),
    case("polyglot-png-html", lambda: saved(noise(60, 40), "PNG") + HTML, claim="image/png", hidden=(HTML,)),
    case("polyglot-png-zip", lambda: saved(noise(60, 40), "PNG") + ZIP, claim="image/png", hidden=(ZIP,)),
    case("polyglot-webp-tail", lambda: saved(noise(60, 40), "WEBP") + HTML, claim="image/webp", hidden=(HTML,)),
    case(
        "polyglot-webp-chunk",
        lambda: riff((b"VP8 ", saved(noise(60, 40), "WEBP")[20:]), (b"HTML", HTML)),
        claim="image/webp",
        hidden=(HTML,),
    ),
    case("polyglot-avif-box", lambda: saved(noise(64, 48), "AVIF") + _box(HTML), claim="image/avif", hidden=(HTML,)),
    case("polyglot-heic-box", lambda: saved(noise(64, 48), "HEIF") + _box(PHP), claim="image/heic", hidden=(PHP,)),
    case("polyglot-gif-script", lambda: b"GIF89a" + SCRIPT, Code.UNSUPPORTED_TYPE, claim="image/jpeg"),
    case("polyglot-bmp-script", lambda: b"BM" + SCRIPT, Code.UNSUPPORTED_TYPE, claim="image/jpeg"),
]

PRIVACY = [
    *(case(f"privacy-{f.lower()}-exif", partial(photo_taken, f), claim=t, hidden=SECRETS) for f, t in TYPES.items()),
    *(
        case(f"privacy-{f.lower()}-xmp", partial(photo_taken, f, xmp=XMP), claim=t, hidden=(*SECRETS, b"Creator"))
        for f, t in TYPES.items()
        if f != "PNG"
    ),
    case(
        "privacy-png-xmp",
        lambda: with_chunks((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
        claim="image/png",
        hidden=(XMP,),
    ),
    case(
        "privacy-jpeg-iptc",
        lambda: with_segments(segment(0xED, IPTC)),
        claim="image/jpeg",
        hidden=(b"secret place",),
    ),
    case(
        "privacy-jpeg-comment",
        lambda: with_segments(segment(0xFE, b"Ada Secret")),
        claim="image/jpeg",
        hidden=(b"Ada Secret",),
    ),
    case("privacy-jpeg-small-copy", lambda: _jfif_copy(), claim="image/jpeg", hidden=(b"secret copy",)),
    case("privacy-jpeg-second-picture", lambda: frames("MPO"), claim="image/jpeg", hidden=(b"MPF\0",)),
]


def _box(content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + b"uuid" + content


def _jfif_copy() -> bytes:
    """A JPEG with a thumbnail in its first segment."""
    good = saved(noise(60, 40), "JPEG")
    copy = b"secret copy!" * 4
    return good[:2] + segment(0xE0, good[6:18] + bytes([4, 4]) + copy) + good[20:]
