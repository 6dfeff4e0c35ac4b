"""Extract the messages of the sources, and assign each to a catalog.

Babel's extractors are not used: they skip messages that are not literal, which is an error here, and do not know
`Refusal`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

MessageId = str | tuple[str, str]
"""A message in English: a singular, and a plural if it contains a count."""

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "ar")
_STRING = r'"((?:[^"\\]|\\.)*)"'
_CALL = re.compile(rf"\b(?:gettext\(\s*{_STRING}|ngettext\(\s*{_STRING},\s*{_STRING},)")
_NOT_LITERAL = re.compile(r"(?<![\w.])n?gettext\((?!\s*\"|message\)).*")
"""A call without a literal. Methods are excluded (`text/gettext.js` looks messages up with `catalog.gettext`), and so
is `message`, a sentence of the server that is extracted from its own sources."""
_TEMPLATE_CALL = re.compile(r"\b(?:gettext|_|ngettext)\((?:u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?:,\s*)?)+")
_TEMPLATE_STRING = re.compile(r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")


class Domain(NamedTuple):
    """A catalog in every language: the folder of its languages, its name, and the extractors of its sources."""

    locale: Path
    name: str
    readers: Mapping[str, Callable[[str], Iterator[MessageId]]]

    def path(self, language: str) -> Path:
        """The ``.po`` file of `language`."""
        return self.locale / language / "LC_MESSAGES" / f"{self.name}.po"

    def read(self, language: str) -> Catalog:
        """Return the catalog of `language` as translators left it."""
        with self.path(language).open("rb") as file:
            return read_po(file, abort_invalid=True)

    def template(self) -> Catalog:
        """Return every message of the sources, untranslated, with the files in which it occurs."""
        template = Catalog(domain=self.name)
        for pattern, reader in self.readers.items():
            for file in sorted(ROOT.glob(pattern)):
                for message in reader(file.read_text()):
                    template.add(message, locations=[(str(file.relative_to(ROOT)), 0)])
        return template


def entries(catalog: Catalog) -> list[Message]:
    """Return the messages of a catalog without its header."""
    return [message for message in catalog if message.id]


def texts(message: Message) -> tuple[str, ...]:
    """Return the English text: a singular and, if it contains a count, a plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def forms(message: Message) -> tuple[str, ...]:
    """Return the translation: one form, or one per plural form of the language."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def is_translated(message: Message) -> bool:
    """Return whether every form is translated and none is fuzzy."""
    return all(forms(message)) and not message.fuzzy


def in_python(text: str) -> Iterator[MessageId]:
    """Return the arguments of gettext and ngettext, and every sentence of a refusal."""
    for call in _calls(text):
        match call:
            case ast.Call(
                ast.Name(name) | ast.Attribute(_, name), [ast.Constant(str(one)), ast.Constant(str(other)), *_]
            ) if name == "ngettext":
                yield one, other
            case ast.Call(ast.Name(name) | ast.Attribute(_, name), [ast.Constant(str(sentence))]) if name in (
                "_",
                "gettext",
            ):
                yield sentence
    yield from (sentence for _, sentence, _ in _refusals(text))


def told_to_browsers(text: str) -> Iterator[MessageId]:
    """Return the sentences of refusals that the front end shows unchanged.

    Those with values are built in the front end (`text/error_messages.js`).
    """
    yield from (sentence for code, sentence, has_values in _refusals(text) if not has_values and code != "BAD_MESSAGE")
    yield from (sentence for code, sentence in _catalogue(text) if code == "BAD_MESSAGE")


def _refusals(text: str) -> Iterator[tuple[str, str, bool]]:
    """Return the code, the sentence, and whether it contains values."""
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


def in_javascript(text: str) -> Iterator[MessageId]:
    """Return the arguments of gettext and ngettext. Raises `ValueError` if one is not a plain string."""
    if found := _NOT_LITERAL.search(text):
        raise ValueError(f"no catalog can hold this sentence: {found[0]}")
    for single, one, other in _CALL.findall(text):
        message, plural = ast.literal_eval(f'"{single or one}"'), ast.literal_eval(f'"{other}"')
        yield (message, plural) if plural else message


def in_template(text: str) -> Iterator[MessageId]:
    """Return the contents of translate and blocktranslate."""
    for call in _TEMPLATE_CALL.finditer(templatize(text)):
        # A template's "%" is doubled for Python's formatting, in the catalog as well.
        message, *plural = [ast.literal_eval(string) for string in _TEMPLATE_STRING.findall(call[0])]
        yield (message, *plural) if plural else message


REFUSALS: Iterable[str] = ("uploads/**/*.py", "consumers/**/*.py")
DOMAINS = [
    Domain(ROOT / "uploads/locale", "django", dict.fromkeys(REFUSALS, in_python)),
    Domain(
        ROOT / "uploads/locale",
        "djangojs",
        {"static/manage_files/**/*.js": in_javascript} | dict.fromkeys(REFUSALS, told_to_browsers),
    ),
    Domain(ROOT / "erp/locale", "django", {"erp/**/*.py": in_python, "erp/**/*.html": in_template}),
]
