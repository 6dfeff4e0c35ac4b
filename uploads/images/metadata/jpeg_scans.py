"""Determine whether all scans of a JPEG exist. A progressive one shows an image long before its last scan."""

from __future__ import annotations

from collections import defaultdict

SOS, PROGRESSIVE = 0xDA, {0xC2, 0xC6, 0xCA, 0xCE}
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
COEFFICIENTS = 64


class Scans:
    """The scans found so far."""

    def __init__(self) -> None:
        self.are_progressive = False
        self._components: set[int] = set()
        self._missing: dict[int, dict[int, int]] = defaultdict(dict)
        """The number of bits still missing, for each coefficient of each component."""

    def note(self, marker: int, content: bytes) -> None:
        """Record a segment: a frame or a scan header; others are ignored."""
        if marker in FRAMES:
            self.are_progressive = marker in PROGRESSIVE
            self._components = set(content[6 : 6 + 3 * sum(content[5:6]) : 3])
        elif marker == SOS:
            count = sum(content[:1])
            first, last, bits = (content[1 + 2 * count : 4 + 2 * count] + bytes(3))[:3]
            for component in content[1 : 1 + 2 * count : 2]:
                held = self._missing[component]
                for place in range(first, min(last, COEFFICIENTS - 1) + 1):
                    held[place] = min(bits & 15, held.get(place, 15))

    def are_all_there(self) -> bool:
        """Whether each component has a scan, and in a progressive JPEG every bit of each coefficient."""
        if not self._components or self._components - self._missing.keys():
            return False
        if not self.are_progressive:
            return True
        return all(len(held) == COEFFICIENTS and not any(held.values()) for held in self._missing.values())
