"""The codes with which a socket is closed."""

from __future__ import annotations

from consumers.protocol.close_codes import CLOSE_CODES


def test_every_close_code_has_a_refusal_of_its_own():
    assert len(set(CLOSE_CODES.values())) == len(CLOSE_CODES)
