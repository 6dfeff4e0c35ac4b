"""Whatever is sent, an answer comes back, and it blames the sender."""

from __future__ import annotations

import re

import pytest

from devtools.cloudinary_loopback.endpoints import ENDPOINTS
from devtools.cloudinary_loopback.routes import Endpoint
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient, basic

PLACES = {"rt": "image", "type": "upload"}
NONSENSE = ["", "x", "-1", "[1]", "a|b", "\u00fc="]


def path_of(endpoint: Endpoint) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: PLACES[found[1]], endpoint.path)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method}-{endpoint.path}")
def test_nonsense_in_any_parameter_is_answered(stocked: RawClient, endpoint: Endpoint):
    asked = sorted(endpoint.takes)
    sent = [{name: value} for name in asked for value in NONSENSE] + [dict.fromkeys(asked, value) for value in NONSENSE]
    authorization = basic(stocked.key, stocked.secret)
    everything = {"public_id": "u1/a", "from_public_id": "u1/a"}
    for parameters in sent:
        if endpoint.bucket == "admin":
            answer = stocked.admin(path_of(endpoint), **parameters)
        else:
            whole = {**everything, **parameters}
            content = PNG if "upload" in endpoint.path else None
            answer = stocked.multipart(path_of(endpoint), whole, content, Authorization=authorization)
        assert answer.status in (200, 400, 401, 404), (parameters, answer)
