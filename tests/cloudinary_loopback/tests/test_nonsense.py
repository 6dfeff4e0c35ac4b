"""Whatever is sent, an answer comes back, and it blames the sender."""

from __future__ import annotations

import json
import re

import pytest

from tests.cloudinary_loopback.endpoints import ENDPOINTS
from tests.cloudinary_loopback.routes import Endpoint
from tests.cloudinary_loopback.tests.raw_client import PNG, RawClient, basic

PLACES = {
    "rt": "image",
    "rt_or_auto": "image",
    "type": "upload",
    "asset": "0" * 32,
    "date": "32-13-2026",
    "rest": "u1/a",
}
NONSENSE = ["", "x", "-1", "[1]", "a|b", "\u00fc="]


def path_of(endpoint: Endpoint) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], "x"), endpoint.path)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method}-{endpoint.path}")
def test_nonsense_in_any_parameter_is_answered(stocked: RawClient, endpoint: Endpoint):
    asked = sorted(endpoint.takes)
    sent = [{name: value} for name in asked for value in NONSENSE] + [dict.fromkeys(asked, value) for value in NONSENSE]
    authorization = basic(stocked.key, stocked.secret)
    everything = {"public_id": "u1/a", "from_public_id": "u1/a", "command": "add", "public_ids": ["u1/a"]}
    for parameters in sent:
        if endpoint.method == "GET":
            answer = stocked.admin("GET", path_of(endpoint), **parameters)
        elif endpoint.bucket == "admin":
            answer = stocked.admin(endpoint.method, path_of(endpoint), **parameters)
        else:
            whole = {**everything, **parameters}
            content = PNG if "upload" in endpoint.path else None
            answer = stocked.multipart(path_of(endpoint), whole, content, Authorization=authorization)
        assert answer.status in (200, 400, 401, 404, 409, 420), (parameters, answer)


@pytest.mark.parametrize(
    "document", [[1], {"a": {"b": [None]}}, {"datasource": {"values": "x"}, "type": "set", "label": "l"}]
)
def test_nonsense_in_json_is_answered(stocked: RawClient, document):
    authorization = {"Authorization": basic(stocked.key, stocked.secret), "Content_Type": "application/json"}
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET":
            answer = stocked.api(endpoint.method, path_of(endpoint), json.dumps(document), **authorization)
            assert answer.status in (200, 400, 401, 404, 409, 420), (endpoint, answer)
