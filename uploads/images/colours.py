"""Converts pictures whose container describes the colour space by numbers (``nclx``, ``cICP``) to sRGB.

HDR photos from cameras do. Treated as sRGB, their white would be grey and their red brown. No Django here: the child
processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

WIDE = {
    9: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    12: ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
}
"""Matrices from linear BT.2020 and Display P3 to linear sRGB, by the number of their primaries (ITU-T H.273)."""
SAME = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
PQ, HLG = 16, 18
"""Transfer characteristics of HDR. All others are treated as that of sRGB, as Chromium treats most of them."""
WHITE_NITS, HLG_PEAK_NITS, HLG_GAMMA = 203, 1000, 1.2
"""Luminance of diffuse white in HDR (ITU-R BT.2408); peak luminance and system gamma of an HLG reference display."""
BRIGHTNESS = (0.2627, 0.6780, 0.0593)
"""Luminance of the primaries of BT.2020."""
KNEE = 0.9
"""Light up to this part of white is unchanged; brighter light is compressed into the rest."""
BRIGHTEST = 16
"""The brightest light that is distinguished; diffuse white is 1."""
LEVELS = 65_536
"""Steps of light from 0 to `BRIGHTEST`: about two per 8-bit level in the darkest parts."""


def in_srgb(image: Image) -> Image:
    """Return `image`, RGB or RGBA with the numbers as pillow-heif tells them, in sRGB.

    An image with a colour profile is returned unchanged.
    """
    nclx: Mapping[str, Any] = image.info.get("nclx_profile") or {}
    primaries, transfer = nclx.get("color_primaries"), nclx.get("transfer_characteristics")
    if image.info.get("icc_profile") or (primaries not in WIDE and transfer not in (PQ, HLG)):
        return image
    return _converted(image, WIDE.get(primaries or 0, SAME), transfer)


def _converted(image: Image, rows: Sequence[Sequence[float]], transfer: int | None) -> Image:
    """Convert with 32 bits per channel, because HDR has most of its steps in the dark parts."""
    from PIL.Image import merge

    to_light = {PQ: _pq, HLG: _hlg}.get(transfer or 0, _srgb)
    light = [to_light(signal / 255) for signal in range(256)]
    colours, others = image.split()[:3], image.split()[3:]
    seen = [band.point(light, "F") for band in colours]
    if transfer == HLG:
        seen = _on_a_screen(seen)
    shown = _toned if transfer in (PQ, HLG) else _clipped
    coded = [round(255 * _coded(shown(level * BRIGHTEST / (LEVELS - 1)))) for level in range(LEVELS)]
    made = [_weighed([part * (LEVELS - 1) / BRIGHTEST for part in row], seen) for row in rows]
    return merge(image.mode, [*(band.convert("I").point(coded, "L") for band in made), *others])


def _pq(signal: float) -> float:
    """Return the light of a signal (SMPTE ST 2084), relative to diffuse white."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = signal ** (1 / m2)
    return float(10_000 * (max(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1) / WHITE_NITS)


def _hlg(signal: float) -> float:
    """Return the scene light of a signal (ARIB STD-B67), relative to its peak."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return signal**2 / 3 if signal <= 0.5 else (math.exp((signal - c) / a) + b) / 12


def _on_a_screen(scene: Sequence[Image]) -> list[Image]:
    """Return the display light of a scene, relative to diffuse white."""
    from PIL import ImageMath

    brightness, gain = _weighed(BRIGHTNESS, scene), HLG_PEAK_NITS / WHITE_NITS

    def brightened(images: Mapping[str, Any]) -> Any:
        return images["part"] * images["brightness"] ** (HLG_GAMMA - 1) * gain

    return [ImageMath.lambda_eval(brightened, part=part, brightness=brightness) for part in scene]


def _weighed(weights: Sequence[float], parts: Sequence[Image]) -> Image:
    """Return the weighted sum of images."""
    from PIL import ImageMath

    def summed(images: Mapping[str, Any]) -> Any:
        return images["red"] * weights[0] + images["green"] * weights[1] + images["blue"] * weights[2]

    image: Image = ImageMath.lambda_eval(summed, red=parts[0], green=parts[1], blue=parts[2])
    return image


def _srgb(signal: float) -> float:
    return signal / 12.92 if signal <= 0.04045 else float(((signal + 0.055) / 1.055) ** 2.4)


def _coded(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else float(1.055 * light ** (1 / 2.4) - 0.055)


def _clipped(light: float) -> float:
    return min(max(light, 0), 1)


def _toned(light: float) -> float:
    if light <= KNEE:
        return max(light, 0)
    above = (light - KNEE) / (1 - KNEE)
    return KNEE + (1 - KNEE) * above / (1 + above)
