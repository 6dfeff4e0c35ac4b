"""Commands of the protocol as JSON texts, valid and invalid in every way a text can be."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from uuid import UUID

from consumers.protocol.messages import MAX_TEXT_FRAME
from tests.fuzz.world import FILES, VARIANT
from tests.support.corpus.mutations import mutated

Fields = list[tuple[str, str]]
"""Names and values of an object, in order, each value as its JSON text; a dictionary could not be invalid."""

UNKNOWN = UUID(int=99)
PLACE = ("main_image", None), ("variant_image", VARIANT), ("variant_image", "gone"), ("variant_image", None)
HASHES = ("0" * 64, "f" * 64, None)

VALUES = (
    *("null", "true", "false", "0", "-0", "-1", "1.5", "1e308", "1e999", "NaN", "Infinity", "01", "+1", "0x1f"),
    *("9" * 19, "9" * 4_300, "9" * 5_000, str(2**31), str(2**53), str(2**63), str(2**64), "-" + str(2**63)),
    *('""', '"\\u0000"', '"a\\u0000b"', '"\0"', '"\\\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\x01"', '"\\x"'),
    *('"', "'a'", '"\\u202e"', '"\\u2028"', '"__proto__"', '"constructor"', '"../../etc/passwd"'),
    *('"a\\n"', '"main_image"'),
    *("[]", "{}", '["a"]', '{"a": "b"}', '{"__proto__": ["x"]}', '{"title": ["x"], "title": ["y"]}', "[,]", "{,}"),
    *("[" * 3_000 + "]" * 3_000, '{"a":' * 3_000 + "1" + "}" * 3_000, "[" * 60_000, "[" + "[]," * 9_000 + "[]]"),
    *('"' + "x" * 301 + '"', '"' + "x" * 70_000 + '"', '"' + "x" * MAX_TEXT_FRAME + '"', "[" + '"x",' * 300 + '"x"]'),
    *("{" + ",".join(f'"key{number}": ["x"]' for number in range(3_000)) + "}"),
    *('{"title": ["' + "\\u0001" * 20_000 + '"]}',),
    *(f'"{FILES[0]}"', f'"{UNKNOWN}"', f'["{FILES[0]}", "{FILES[0]}"]', f'"{FILES[0].hex}"', f'"{{{FILES[0]}}}"'),
)  # fmt: skip
"""Values of the wrong kind."""

TYPES = ("Add", "add ", "", "snapshot", "ok", "drop_tables", "__class__", "add\0", "\uff41dd")


def _op(random: Random) -> str:
    return random.choice(("a", "b", "a" * 64, "_-_", str(random.randrange(9))))


def _file(random: Random) -> str:
    return str(random.choice((*FILES, *FILES, UNKNOWN, UUID(int=random.randrange(1_000, 1_010)))))


def _row(random: Random) -> dict[str, object]:
    return {
        "temp_id": random.choice((VARIANT, "blue", "x" * 64)),
        "label": random.choice(("", "Red", "\u202e", "x" * 200)),
    }


def command(random: Random) -> dict[str, object]:
    """A command that is understood, whether it can be carried out or not."""
    # A discarded draft would be gone.
    kind = "discard" if random.random() < 0.01 else random.choice(KINDS)
    head = {} if kind in ("sync", "ping") else {"op": _op(random)}
    return {"type": kind, **head, **COMMANDS[kind](random)}


def _place(random: Random) -> dict[str, object]:
    file_type, variant = random.choice(PLACE)
    return {"file_type": file_type, "variant_temp_id": variant, "after": random.choice((None, _file(random)))}


def _add(random: Random) -> dict[str, object]:
    size = random.choice((0, 1, 9, 20_000_000, 20_000_001, 2**53))
    kind = random.choice(("image/jpeg", "image/png", "image/heic", "text/html", "", "image/jpeg\n"))
    name = random.choice(("mug.jpg", "../x", "\u202e", " ", "x" * 1_000))
    return {"file": _file(random), "name": name, "size": size, "content_type": kind} | _place(random)


def _reorder(random: Random) -> dict[str, object]:
    return {"files": [_file(random) for _ in range(random.choice((1, 1, 2, 3, 200)))]} | _place(random)


def _variants(random: Random) -> dict[str, object]:
    rows = [_row(random) for _ in range(random.choice((0, 1, 1, 2, 101)))]
    return {"revision": random.choice((0, 1, 5, 10, 50, 2**40, 2**63 - 1, -1)), "rows": rows}


NAMES = ("title", "sku", f"variant-{VARIANT}", "__proto__", "", "x" * 9_000, "\u202e", "variant_known")
TYPED = ("", "x", "\u0001" * 900, "\U0001f600", "<script>")


def _typed(random: Random) -> dict[str, list[str]]:
    names = NAMES if random.random() < 0.3 else NAMES[:4]
    return {random.choice(names): [random.choice(TYPED)] * random.choice((0, 1, 3, 90)) for _ in range(3)}


def _edit(random: Random) -> dict[str, object]:
    bases = (0, 0, 1, 5, 50, 2**31, 2**63, 2**64, 10**300)
    fields = {name: {"values": values, "base": random.choice(bases)} for name, values in _typed(random).items()}
    return {"author": random.choice(("a", "b", "x" * 64, _op(random))), "fields": fields}


COMMANDS: dict[str, Callable[[Random], dict[str, object]]] = {
    "add": _add,
    "resume": lambda random: {"file": _file(random), "size": random.choice((9, 9, 600_000, 0, 2**53))},
    "finish": lambda random: {"file": _file(random), "sha256": random.choice(HASHES)},
    "remove": lambda random: {"file": _file(random)},
    "restore": lambda random: {"file": _file(random)},
    "purge": lambda random: {"file": _file(random)},
    "reorder": _reorder,
    "variants": _variants,
    "describe": lambda random: {"file": _file(random), "alt_text": random.choice(("", " ", "A mug", "x" * 300))},
    "edit": _edit,
    "note": lambda random: {"fields": _typed(random)},
    "retry": lambda random: {"file": _file(random)},
    "discard": lambda _: {},
    "sync": lambda _: {},
    "ping": lambda _: {},
}
KINDS = tuple(kind for kind in COMMANDS if kind != "discard")


def _missing(random: Random, fields: Fields) -> Fields:
    at = random.randrange(len(fields))
    return fields[:at] + fields[at + 1 :]


def _unknown(random: Random, fields: Fields) -> Fields:
    name = random.choice(("extra", "__proto__", "constructor", "store_key", "path", "epoch", "", "Op", "x" * 9_000))
    return [*fields, (json.dumps(name), random.choice(VALUES))]


def _twice(random: Random, fields: Fields) -> Fields:
    name, value = random.choice(fields)
    if random.random() < 0.3:
        # The same name, escaped differently.
        name = '"' + "".join(f"\\u{ord(letter):04x}" for letter in name[1:-1]) + '"'
    return [*fields, (name, value if random.random() < 0.5 else random.choice(VALUES))]


def _hostile(random: Random, fields: Fields) -> Fields:
    at = random.randrange(len(fields))
    return [*fields[:at], (fields[at][0], random.choice(VALUES)), *fields[at + 1 :]]


def _other_type(random: Random, fields: Fields) -> Fields:
    kind = random.choice((*TYPES, *COMMANDS))
    return [(name, json.dumps(kind) if name == '"type"' else value) for name, value in fields]


def _shuffled(random: Random, fields: Fields) -> Fields:
    return random.sample(fields, len(fields))


def _long(random: Random, fields: Fields) -> Fields:
    spaces = " " * random.choice((1_000, MAX_TEXT_FRAME - 400, MAX_TEXT_FRAME))
    return [*fields[:-1], (fields[-1][0], spaces + fields[-1][1])]


MUTATIONS = (_missing, _unknown, _twice, _twice, _hostile, _hostile, _hostile, _other_type, _shuffled, _long)


def text(random: Random) -> str:
    """A command with up to three changes, sometimes byte by byte."""
    fields = [(json.dumps(name), json.dumps(value)) for name, value in command(random).items()]
    for _ in range(random.choice((0, 0, 1, 1, 1, 2, 3))):
        if fields:
            fields = random.choice(MUTATIONS)(random, fields)
    made = "{" + ", ".join(f"{name}: {value}" for name, value in fields) + "}"
    if random.random() < 0.2:
        # Invalid UTF-8 becomes lone surrogates, which a server never passes on.
        made = mutated(random, made.encode()).decode(errors="surrogateescape")
    return made
