"""What stands in a request: values by name, read alike from multipart and urlencoded bodies and from queries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from devtools.cloudinary_loopback.refusals import Refused

Value = str | list[str]
Parameters = dict[str, Value]

MEMBER = re.compile(r"(.+)\[\d*\]")
TRUE, FALSE = {"1", "true"}, {"0", "false", ""}


def collected(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """``a=1&b[]=2&b[0]=3``: a name with brackets is a list; of a name given twice the last counts."""
    found: Parameters = {}
    for name, value in pairs:
        if member := MEMBER.fullmatch(name):
            items = found.setdefault(member[1], [])
            if isinstance(items, list):
                items.append(value)
        else:
            found[name] = value
    return found


def text(parameters: Mapping[str, Value], name: str, default: str = "") -> str:
    """One value; of a list, its members joined by commas."""
    value = parameters.get(name, default)
    return ",".join(value) if isinstance(value, list) else value


def listed(parameters: Mapping[str, Value], name: str) -> list[str]:
    """Several values, sent as a list or joined by commas."""
    value = parameters.get(name, [])
    items = value if isinstance(value, list) else value.split(",")
    return [item.strip() for item in items if item.strip()]


def flag(parameters: Mapping[str, Value], name: str, default: bool = False) -> bool:
    """Measured: Python sends 1 and 0, Node true and false. Anything else is refused (assumed)."""
    if name not in parameters:
        return default
    value = text(parameters, name)
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise Refused(400, f"Invalid value {value} for parameter {name}")


def number(parameters: Mapping[str, Value], name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`; beyond it the request is refused (assumed; the service may cut it instead)."""
    value = text(parameters, name, str(default))
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise Refused(400, f"Invalid value {value} for parameter {name}")
    return int(value)
