"""Which sentences of the sources are to be translated, and into which catalog they go."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

from tests.catalogs.po import Message

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "ar")
_STRING = r'"((?:[^"\\]|\\.)*)"'
_CALL = re.compile(rf"\b(?:gettext\(\s*{_STRING}|ngettext\(\s*{_STRING},\s*{_STRING},)")
_NOT_LITERAL = re.compile(r"\bn?gettext\((?!\s*\"|message\)).*")
_TEMPLATE_CALL = re.compile(r"\b(?:gettext|_|ngettext)\((?:u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?:,\s*)?)+")
_TEMPLATE_STRING = re.compile(r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")


class Domain(NamedTuple):
    """A catalog of every language: the folder of its languages, its name, and who reads which sources for it."""

    locale: Path
    name: str
    readers: Mapping[str, Callable[[str], Iterator[Message]]]

    def path(self, language: str) -> Path:
        """The ``.po`` file of `language`."""
        return self.locale / language / "LC_MESSAGES" / f"{self.name}.po"

    def messages(self) -> dict[Message, list[str]]:
        """Every message, with the files it stands in."""
        found: dict[Message, list[str]] = {}
        for pattern, reader in self.readers.items():
            for file in sorted(ROOT.glob(pattern)):
                place = str(file.relative_to(ROOT))
                for message in reader(file.read_text()):
                    places = found.setdefault(message, [])
                    if place not in places:
                        places.append(place)
        return found


def in_python(text: str) -> Iterator[Message]:
    """The arguments of gettext and ngettext, and every sentence of a refusal."""
    for call in _calls(text):
        match call:
            case ast.Call(
                ast.Name(name) | ast.Attribute(_, name), [ast.Constant(str(one)), ast.Constant(str(other)), *_]
            ) if name == "ngettext":
                yield Message(one, other)
            case ast.Call(ast.Name(name) | ast.Attribute(_, name), [ast.Constant(str(sentence))]) if name in (
                "_",
                "gettext",
            ):
                yield Message(sentence)
    yield from (Message(sentence) for _, sentence, _ in _refusals(text))


def told_to_browsers(text: str) -> Iterator[Message]:
    """The sentences of refusals that reach the window as they are: those with values it makes itself (`words.js`)."""
    yield from (
        Message(sentence) for code, sentence, has_values in _refusals(text) if not has_values and code != "BAD_MESSAGE"
    )
    yield from (Message(sentence) for code, sentence in _catalogue(text) if code == "BAD_MESSAGE")


def _refusals(text: str) -> Iterator[tuple[str, str, bool]]:
    """The code, the sentence, and whether values go into it."""
    yield from ((code, sentence, False) for code, sentence in _catalogue(text))
    for call in _calls(text):
        match call:
            case ast.Call(
                _, [ast.Attribute(ast.Name("Code") | ast.Attribute(_, "Code"), code), ast.Constant(str(sentence)), *_]
            ):
                yield code, sentence, any(keyword.arg == "values" for keyword in call.keywords)
            case ast.Call(_, [ast.Attribute(ast.Name("Code") | ast.Attribute(_, "Code"), code), ast.JoinedStr(), *_]):
                if code != "BAD_MESSAGE":
                    raise ValueError(f"no catalog can hold this sentence: {ast.unparse(call)}")


def _catalogue(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                match key, value:
                    case ast.Attribute(ast.Name("Code"), code), ast.Call(
                        ast.Name("Entry"), [ast.Constant(str(sentence)), *_]
                    ):
                        yield code, sentence


def _calls(text: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def in_javascript(text: str) -> Iterator[Message]:
    """The arguments of gettext and ngettext. Raises `ValueError` where one is no plain text."""
    if found := _NOT_LITERAL.search(text):
        raise ValueError(f"no catalog can hold this sentence: {found[0]}")
    for single, one, other in _CALL.findall(text):
        yield Message(ast.literal_eval(f'"{single or one}"'), ast.literal_eval(f'"{other}"'))


def in_template(text: str) -> Iterator[Message]:
    """What stands in translate and blocktranslate."""
    for call in _TEMPLATE_CALL.finditer(templatize(text)):
        # A template's "%" is doubled for Python's formatting, in the catalog as well.
        yield Message(*[ast.literal_eval(string) for string in _TEMPLATE_STRING.findall(call[0])])


REFUSALS: Iterable[str] = ("uploads/**/*.py", "consumers/**/*.py")
DOMAINS = [
    Domain(ROOT / "uploads/locale", "django", dict.fromkeys(REFUSALS, in_python)),
    Domain(
        ROOT / "uploads/locale",
        "djangojs",
        {"static/manage_files/**/[!g]*.js": in_javascript, "static/manage_files/**/g[!e]*.js": in_javascript}
        | dict.fromkeys(REFUSALS, told_to_browsers),
    ),
    Domain(ROOT / "erp/locale", "django", {"erp/**/*.py": in_python, "erp/**/*.html": in_template}),
]
