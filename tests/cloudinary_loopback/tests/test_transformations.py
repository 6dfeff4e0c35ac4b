"""Transformation strings, and the sizes they make."""

from __future__ import annotations

import pytest

from tests.cloudinary_loopback import transformations
from tests.cloudinary_loopback.refusals import Refused


def test_steps_and_their_long_names():
    assert transformations.parsed("c_fill,w_100/a_90") == [{"c": "fill", "w": "100"}, {"a": "90"}]
    assert transformations.described("c_scale,l_text:arial_20:x,w_2.0") == [
        {"crop": "scale", "overlay": "text:arial_20:x", "width": "2.0"}
    ]


@pytest.mark.parametrize("nonsense", ["zz_1", "w100", "w_1,", "folder"])
def test_what_is_no_transformation_is_refused(nonsense: str):
    with pytest.raises(Refused):
        transformations.parsed(nonsense)


@pytest.mark.parametrize(("text", "expected"), [("w_1/png", ("w_1", "png")), ("w_1/h_2", ("w_1/h_2", None))])
def test_a_format_may_stand_behind(text: str, expected: tuple[str, str | None]):
    assert transformations.split_format(text) == expected


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("w_120", (120, 60)),
        ("w_0.5", (120, 60)),
        ("c_scale,w_10,h_10", (10, 10)),
        ("c_fit,w_60,h_60", (60, 30)),
        ("c_fit,w_480", (480, 240)),
        ("c_limit,w_480,h_480", (240, 120)),
        ("c_limit,w_60,h_60", (60, 30)),
        ("c_fill,w_50,h_50", (50, 50)),
        ("c_thumb,w_50,h_40,g_face", (50, 40)),
        ("a_90", (120, 240)),
        ("w_120/a_90", (60, 120)),
        ("q_auto,f_auto", (240, 120)),
    ],
)
def test_sizes(text: str, size: tuple[int, int]):
    assert transformations.size_after((240, 120), transformations.parsed(text)) == size
