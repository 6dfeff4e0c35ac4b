"""Parse a price as people type it, with the separators and digits of their language. Pure: no Django.

A text that could be misread by a factor of a thousand is refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# The Arabic separators are unambiguous everywhere; every other variant is mapped to one of them, or to "." or ",".
DECIMAL, GROUP = "\u066b", "\u066c"
_SIGNS = str.maketrans(dict.fromkeys(" \u00a0\u2009\u202f'\u2019", GROUP) | {"\u060c": ",", "\u2212": "-"})
# Direction marks come along with copied text.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_NUMBER = re.compile(f"([+-]?)([0-9.,{DECIMAL}{GROUP}]+)")
_DIGITS = re.compile("[0-9]+")
_GROUPED = re.compile(f"[1-9][0-9]{{0,2}}(?:{GROUP}[0-9]{{3}})+")


_PLAIN = re.compile(r"-?[0-9]+\.[0-9]{2}")


def is_plain(text: str) -> bool:
    """Whether `text` is a price in the wire format, which is the same in every language."""
    return _PLAIN.fullmatch(text) is not None


class NotAPrice(ValueError):
    """The text is not a number."""


class AmbiguousPrice(ValueError):
    """The text can be read in two ways. `whole` is its value if the separator groups thousands."""

    def __init__(self, whole: str) -> None:
        super().__init__(whole)
        self.whole = whole


@dataclass(frozen=True)
class Separators:
    """The separators of a language. `group` is empty if its countries differ; a single separator is then ambiguous."""

    decimal: str
    group: str


def parse_price(text: str, separators: Separators) -> str:
    """Return the number in ASCII digits with a decimal point: ``"1.234,50"`` becomes ``"1234.50"``.

    Raises `NotAPrice` and `AmbiguousPrice`.
    """
    shown = _INVISIBLE.sub("", text).strip().translate(_SIGNS)
    match = _NUMBER.fullmatch("".join(map(_ascii_digit, shown)))
    if not match:
        raise NotAPrice(text)
    whole, mark, fraction = _split(match[2], separators)
    if mark and not _DIGITS.fullmatch(fraction):
        raise NotAPrice(text)
    if _GROUPED.fullmatch(whole):
        whole = whole.replace(GROUP, "")
    elif not _DIGITS.fullmatch(whole) and (whole or not mark):
        raise NotAPrice(text)
    sign = "-" if match[1] == "-" else ""
    return f"{sign}{whole or 0}.{fraction}" if mark else sign + whole


def _ascii_digit(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _split(number: str, separators: Separators) -> tuple[str, str, str]:
    """Split into the whole part with `GROUP` between its groups, the decimal mark (may be empty), and the fraction."""
    kinds = [mark for mark in (DECIMAL, ".", ",") if mark in number]
    if not kinds:
        return number, "", ""
    last = DECIMAL if DECIMAL in number else max(kinds, key=number.rfind)
    grouped = number.replace(last, GROUP)
    if last == DECIMAL or len(kinds) > 1 or GROUP in number or not _GROUPED.fullmatch(grouped):
        whole, fraction = number.rsplit(last, 1)
        other = [mark for mark in kinds if mark != last]
        return (whole.replace(other[0], GROUP) if len(other) == 1 and GROUP not in number else whole), last, fraction
    # A single kind in groups of three separates thousands, if there are several or the language uses it so.
    if number.count(last) == 1 and last != separators.group:
        raise AmbiguousPrice(number.replace(last, ""))
    return grouped, "", ""
