"""Signatures by themselves; against known vectors where the vendor publishes one."""

from __future__ import annotations

from devtools.cloudinary_loopback import signature
from devtools.cloudinary_loopback.parameters import Parameters


def test_the_text_that_is_signed():
    sent: Parameters = {"b": "2&x", "a": ["1", "2"], "empty": ""}

    assert signature.string_to_sign(sent, version=2) == "a=1,2&b=2%26x"
    assert signature.string_to_sign(sent, version=1) == "a=1,2&b=2&x"


def test_the_signature_of_a_reply_is_the_published_one():
    assert signature.of_reply("p", 1, "secret").startswith("09bb2d83")


def test_a_signature_is_over_what_the_endpoint_knows_and_nothing_else():
    good = signature.hexdigest("public_id=p&timestamp=1", "secret")
    sent = {"public_id": "p", "timestamp": "1", "unheard_of": "x", "file": "f", "api_key": "k", "signature": good}

    assert signature.matches(sent, {"public_id", "timestamp"}, good, "secret")
    assert not signature.matches(sent, {"public_id", "timestamp", "unheard_of"}, good, "secret")


def test_a_delivery_signature_has_eight_characters_or_thirty_two():
    assert sorted(len(one) for one in signature.of_delivery("w_10/a.jpg", "secret")) == [8, 8, 32]
