"""Pictures of the demo's products, drawn in code: simple shapes, soft light, a shadow on the table."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Draw = Callable[[ImageDraw.ImageDraw], None]

SIZE = 900
_SCALE = 2
"""Everything is drawn twice as large and reduced, which smooths the edges."""


class Part(NamedTuple):
    """One shape of a product: how it is cut out, and its colour, lit from the left unless `flat`."""

    cut: Draw
    colour: Colour
    flat: bool = False


Shape = Callable[[Colour], list[Part]]


def shade(colour: Colour, factor: float) -> Colour:
    """`colour` darker (`factor` below 1) or mixed with white (above 1)."""
    if factor <= 1:
        return tuple(round(value * factor) for value in colour)  # type: ignore[return-value]
    return tuple(round(value + (255 - value) * (factor - 1)) for value in colour)  # type: ignore[return-value]


def mug(colour: Colour) -> list[Part]:
    """A mug with its handle on the right."""
    return [
        Part(lambda draw: _ring(draw, (520, 350, 720, 620), 50), shade(colour, 0.72), flat=True),
        Part(lambda draw: _body(draw, (260, 270, 600, 690), 70), colour),
        Part(lambda draw: _oval(draw, (260, 232, 600, 308)), shade(colour, 0.78), flat=True),
        Part(lambda draw: _oval(draw, (282, 246, 578, 300)), shade(colour, 0.4), flat=True),
    ]


def lamp(colour: Colour) -> list[Part]:
    """A table lamp with a shade."""
    brass = (176, 141, 87)
    return [
        Part(lambda draw: _box(draw, (438, 430, 462, 690)), brass),
        Part(lambda draw: _oval(draw, (320, 655, 580, 725)), shade(brass, 0.8), flat=True),
        Part(lambda draw: _polygon(draw, [(350, 190), (550, 190), (670, 460), (230, 460)]), colour),
        Part(lambda draw: _oval(draw, (230, 432, 670, 488)), colour),
        Part(lambda draw: _oval(draw, (350, 176, 550, 204)), shade(colour, 0.7), flat=True),
    ]


def vase(colour: Colour) -> list[Part]:
    """A round vase with a narrow neck."""
    return [
        Part(lambda draw: _box(draw, (385, 230, 515, 420)), colour),
        Part(lambda draw: _oval(draw, (250, 340, 650, 730)), colour),
        Part(lambda draw: _oval(draw, (365, 205, 535, 255)), shade(colour, 0.8), flat=True),
        Part(lambda draw: _oval(draw, (388, 214, 512, 246)), shade(colour, 0.4), flat=True),
    ]


def plate(colour: Colour) -> list[Part]:
    """A deep plate, seen from a little above."""
    return [
        Part(lambda draw: _oval(draw, (150, 420, 750, 720)), shade(colour, 0.75), flat=True),
        Part(lambda draw: _oval(draw, (150, 395, 750, 690)), colour),
        Part(lambda draw: _oval(draw, (255, 448, 645, 632)), shade(colour, 0.86), flat=True),
        Part(lambda draw: _oval(draw, (265, 460, 635, 630)), shade(colour, 1.25), flat=True),
    ]


def picture(parts: list[Part], ground: Colour, *, mirrored: bool = False) -> bytes:
    """A square JPEG of the product on a light ground tinted with `ground`."""
    size = SIZE * _SCALE
    image = _blend(size, shade(ground, 1.86), shade(ground, 1.62))
    shadow = _mask(lambda draw: _oval(draw, (190, 655, 710, 735)))
    shadow = shadow.filter(ImageFilter.GaussianBlur(14 * _SCALE)).point(lambda value: value * 0.4)
    image.paste((30, 34, 42), mask=shadow)
    for part in parts:
        _add(image, part)
    image = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=88)
    return target.getvalue()


def _add(image: Image.Image, part: Part) -> None:
    mask = _mask(part.cut)
    if part.flat:
        image.paste(part.colour, mask=mask)
        return
    left, top, right, bottom = mask.getbbox() or (0, 0, 1, 1)
    light = _blend(right - left, shade(part.colour, 1.32), shade(part.colour, 0.7), angle=90)
    image.paste(light.resize((right - left, bottom - top)), (left, top), mask.crop((left, top, right, bottom)))


def _blend(size: int, start: Colour, end: Colour, *, angle: int = 45) -> Image.Image:
    """A gradient from `start` to `end`: from left to right at 90 degrees, else from the upper left."""
    down = Image.linear_gradient("L").resize((size, size))
    across = down.transpose(Image.Transpose.ROTATE_90)
    ramp = across if angle == 90 else ImageChops.add(across, down, scale=2)
    return Image.composite(Image.new("RGB", (size, size), end), Image.new("RGB", (size, size), start), ramp)


def _mask(cut: Draw) -> Image.Image:
    mask = Image.new("L", (SIZE * _SCALE, SIZE * _SCALE))
    cut(ImageDraw.Draw(mask))
    return mask


def _scaled(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return tuple(value * _SCALE for value in box)  # type: ignore[return-value]


def _oval(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    draw.ellipse(_scaled(box), fill=255)


def _ring(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], width: int) -> None:
    draw.ellipse(_scaled(box), outline=255, width=width * _SCALE)


def _box(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    draw.rectangle(_scaled(box), fill=255)


def _body(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], radius: int) -> None:
    """A box whose lower corners are round."""
    draw.rounded_rectangle(_scaled(box), radius * _SCALE, fill=255, corners=(False, False, True, True))


def _polygon(draw: ImageDraw.ImageDraw, points: list[tuple[int, int]]) -> None:
    draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=255)
