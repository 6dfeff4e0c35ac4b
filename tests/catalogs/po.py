"""Catalogs as files: reads and writes what translators edit (``.po``), and writes what Django loads (``.mo``)."""

from __future__ import annotations

import ast
import re
import struct
from pathlib import Path
from typing import NamedTuple

MAGIC = 0x950412DE


class Message(NamedTuple):
    """A sentence of the sources, in English; `plural` is its form for more than one, empty when it counts nothing."""

    text: str
    plural: str = ""


class Entry(NamedTuple):
    """A message in another language: one form, or as many as the language has plurals. `is_fuzzy`: only guessed."""

    message: Message
    forms: tuple[str, ...]
    is_fuzzy: bool = False


class Catalog(NamedTuple):
    """A language's entries by their message's text, and the lines of the header, such as ``Plural-Forms: ...``."""

    header: str
    entries: dict[str, Entry]

    @property
    def plurals(self) -> int:
        """How many plural forms the language has."""
        found = re.search(r"nplurals=(\d+)", self.header)
        return int(found[1]) if found else 2


def read(path: Path) -> Catalog:
    """The catalog in a ``.po`` file. Raises `ValueError` for a line that does not belong into one."""
    header, entries = "", {}
    for block in path.read_text().strip().split("\n\n"):
        entry = _entry(block)
        if entry.message.text:
            entries[entry.message.text] = entry
        else:
            header = entry.forms[0]
    return Catalog(header, entries)


def _entry(block: str) -> Entry:
    fields: dict[str, str] = {}
    is_fuzzy, field = False, ""
    for line in block.splitlines():
        if line.startswith("#"):
            is_fuzzy = is_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        found = re.fullmatch(r'(msg\w+(?:\[\d\])?)?\s*(".*")', line)
        if found is None:
            raise ValueError(f"not a line of a catalog: {line}")
        field = found[1] or field
        fields[field] = fields.get(field, "") + ast.literal_eval(found[2])
    message = Message(fields.pop("msgid"), fields.pop("msgid_plural", ""))
    return Entry(message, tuple(fields.values()), is_fuzzy)


def write(path: Path, catalog: Catalog, places: dict[Message, list[str]]) -> None:
    """Write the ``.po`` file; `places` are the files that each message stands in."""
    blocks = ['msgid ""\n' + _field("msgstr", catalog.header)]
    for entry in catalog.entries.values():
        message = entry.message
        lines = [f"#: {place}" for place in places[message]]
        lines += ["#, python-format"] if "%(" in message.text else []
        lines += [_field("msgid", message.text)]
        if message.plural:
            lines += [_field("msgid_plural", message.plural)]
            lines += [_field(f"msgstr[{index}]", form) for index, form in enumerate(entry.forms)]
        else:
            lines += [_field("msgstr", entry.forms[0])]
        blocks.append("\n".join(lines))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(blocks) + "\n")


def _field(name: str, text: str) -> str:
    lines = [_quoted(line) for line in text.splitlines(keepends=True)]
    return f"{name} {lines[0]}" if len(lines) == 1 else "\n".join([f'{name} ""', *lines])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write_mo(path: Path, catalog: Catalog) -> None:
    """Write the ``.mo`` file: a table of the texts, sorted, and one of their translations, each NUL-terminated."""
    pairs = [(b"", catalog.header.encode())]
    for entry in catalog.entries.values():
        if all(entry.forms) and not entry.is_fuzzy:
            text = "\0".join(part for part in entry.message if part)
            pairs.append((text.encode(), "\0".join(entry.forms).encode()))
    pairs.sort()
    count, start = len(pairs), 28
    offset = start + 16 * count
    tables, data = [b"", b""], b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), offset + len(data))
            data += pair[side] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, count, start, start + 8 * count, 0, offset)
    path.write_bytes(head + tables[0] + tables[1] + data)
