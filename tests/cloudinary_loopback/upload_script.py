"""The parameter `eval` of an upload: the service runs JavaScript; here, assignments with an optional condition.

if (resource_info["width"] < 450) { upload_options["quality_analysis"] = true };
upload_options["context"] = "width=" + resource_info["width"]
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Any

from tests.cloudinary_loopback.refusals import Refused

CONDITION = re.compile(r'if\s*\(\s*resource_info\["(\w+)"\]\s*(<|>|==)\s*(\d+)\s*\)\s*\{(.*)\}')
ASSIGNMENT = re.compile(r'upload_options\["(\w+)"\]\s*=\s*(.+)')
TERM = re.compile(r'"([^"]*)"|resource_info\["(\w+)"\]|(true|false)|(\d+)')
COMPARED = {"<": operator.lt, ">": operator.gt, "==": operator.eq}


def options(script: str, info: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that `script` sets. Raises `Refused` (400) for what it is not able to read."""
    found: dict[str, str] = {}
    for statement in filter(None, (piece.strip() for piece in script.split(";"))):
        if condition := CONDITION.fullmatch(statement):
            name, sign, limit, statement = condition.groups()
            if not COMPARED[sign](info.get(name, 0), int(limit)):
                continue
        assignment = ASSIGNMENT.fullmatch(statement.strip())
        if assignment is None:
            raise Refused(400, f"Not evaluated here - {statement}")
        found[assignment[1]] = _value(assignment[2], info)
    return found


def _value(expression: str, info: Mapping[str, Any]) -> str:
    joined = ""
    for piece in expression.split("+"):
        term = TERM.fullmatch(piece.strip())
        if term is None:
            raise Refused(400, f"Not evaluated here - {expression}")
        literal, name, truth, number = term.groups()
        joined += str(info.get(name, "")) if name else literal or truth or number or ""
    return joined
