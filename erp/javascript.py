"""JavaScript modules as they are sent: short, and those of one page in few files. Pure: text to text.

Developers write, test and (with `DEBUG`) run the sources. The reasons and the figures stand in
docs/decisions/0012-modules-are-joined-when-published.md.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import minify  # type: ignore[import-untyped]

_IMPORT = re.compile(
    r"""^import[ ](?:(?P<names>\{[^}]*\})|\*[ ]as[ ](?P<all>\w+))[ ]from[ ]"\./(?P<of>[\w/]+\.js)";$""", re.M | re.X
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+))", re.M)
_PART = re.compile(r"""\bimport\("\./(?P<of>[\w/]+\.js)"\)""")


class Unclear(ValueError):
    """The source is written in a way that cannot be published; says where and what."""


def minified(source: str) -> str:
    """The same program without comments and blanks, the names that nobody outside can say made short.

    Raises `Unclear` for what is no JavaScript.
    """
    try:
        # Django knows an import, whose file it renames, by its semicolon.
        return f"{minify.string('application/javascript', source)};\n"
    except minify.MinifyError as error:
        raise Unclear(str(error)) from error


def _letters(number: int) -> str:
    """`a` to `Z`, then `aa` and so on."""
    before, last = divmod(number, len(string.ascii_letters))
    return (_letters(before - 1) if before else "") + string.ascii_letters[last]


class Joined(NamedTuple):
    """The modules of one entry as files: new text by name, and what nobody asks for any more."""

    texts: dict[str, str]
    needless: frozenset[str]


def joined(sources: Mapping[str, str], entry: str, core: str) -> Joined:
    """Write what `entry` needs from the start into two files: `entry`, and `core`, on which also the parts stand that
    it loads later (`import()`). Any other module stays a file of its own.

    `sources` holds modules of one folder by file name. Raises `Unclear` where they cannot be joined: modules that
    import each other in a circle, a part that needs one of those that load parts, an unusual import or export.
    """
    modules = {name: _Module.read(name, source) for name, source in sources.items()}
    # A module that several pages' scripts share stays one: two copies would not know of each other.
    apart = {name for root in _roots(modules) - {entry} for name in _needed(modules, root)}
    together = [name for name in _needed(modules, entry) if name not in apart]
    loading = {entry} | {name for name in together if any(modules[need].parts for need in _needed(modules, name))}
    files = {name: (entry if name in loading else core) if name in together else name for name in modules}
    places = {name: _Place(file, f"m{_letters(at)}") for at, (name, file) in enumerate(files.items())}
    texts = {name: modules[name].alone(places, core) for name in modules.keys() - set(together)}
    for file in (core, entry):
        texts[file] = _file([modules[name] for name in together if files[name] == file], places, file)
    return Joined(texts, frozenset(together) - {entry})


def _roots(modules: Mapping[str, _Module]) -> set[str]:
    """Modules that no other imports: the scripts of pages."""
    return modules.keys() - {name for module in modules.values() for name in (*module.needs, *module.parts)}


def _needed(modules: Mapping[str, _Module], name: str) -> list[str]:
    """What a module needs from the start and itself, each behind what it needs."""
    found: list[str] = []
    _collect(modules, name, found, ())
    return found


def _collect(modules: Mapping[str, _Module], name: str, found: list[str], above: tuple[str, ...]) -> None:
    if name in above:
        raise Unclear(f"modules import each other: {' -> '.join((*above, name))}")
    for need in modules[name].needs:
        if need not in found:
            _collect(modules, need, found, (*above, name))
    if name not in found:
        found.append(name)


class _Place(NamedTuple):
    """Where a module is when it is published: the file, and what it is called in a file with others."""

    file: str
    called: str


class _Module(NamedTuple):
    name: str
    imports: tuple[tuple[str, str], ...]
    """What is taken and from whom: `("{ build, set }", "build.js")`, `("words", "words.js")`."""
    exports: tuple[str, ...]
    parts: tuple[str, ...]
    body: str

    @classmethod
    def read(cls, name: str, source: str) -> _Module:
        imports = tuple((found["names"] or found["all"], found["of"]) for found in _IMPORT.finditer(source))
        exports = tuple(found["name"] for found in _EXPORT.finditer(source))
        body = _EXPORT.sub("", _IMPORT.sub("", source))
        if unusual := re.search(r"^(import|export)\b(?!\().*", body, re.M):
            raise Unclear(f"{name}: write this import or export as the other modules do: {unusual[0]}")
        return cls(name, imports, exports, tuple(found["of"] for found in _PART.finditer(minified(source))), body)

    @property
    def needs(self) -> list[str]:
        return [of for _, of in self.imports]

    def inside(self, places: Mapping[str, _Place]) -> str:
        """As a function that runs at once, in a file with others: its names stay its own."""
        value = f"const {places[self.name].called} = " if self.exports else ""
        taken = _taken(self.imports, places)
        return f"{value}(() => {{\n{taken}{self.body}\nreturn {{ {', '.join(self.exports)} }};\n}})();\n"

    def alone(self, places: Mapping[str, _Place], core: str) -> str:
        """As a file of its own, which takes from `core` what lies there now."""
        moved = [(names, of) for names, of in self.imports if places[of].file != of]
        if wrong := [of for _, of in moved if places[of].file != core]:
            raise Unclear(f"{self.name} may be loaded later, so it cannot need {wrong[0]}, which loads parts itself")
        kept = "".join(
            f'import {names if names.startswith("{") else f"* as {names}"} from "./{of}";\n'
            for names, of in self.imports
            if places[of].file == of
        )
        exports = f"export {{ {', '.join(self.exports)} }};\n" if self.exports else ""
        return _import({of for _, of in moved}, places) + kept + _taken(moved, places) + self.body + exports


def _file(modules: list[_Module], places: Mapping[str, _Place], file: str) -> str:
    """Several modules as one, which gives to others what they need."""
    outside = {need for module in modules for need in module.needs if places[need].file != file}
    moved = {need for need in outside if places[need].file != need}
    alone = "".join(f'import * as {places[need].called} from "./{need}";\n' for need in sorted(outside - moved))
    given = ", ".join(places[module.name].called for module in modules if module.exports)
    inside = "".join(module.inside(places) for module in modules)
    return f"{_import(moved, places)}{alone}{inside}export {{ {given} }};\n"


def _taken(imports: Iterable[tuple[str, str]], places: Mapping[str, _Place]) -> str:
    return "".join(f"const {names.replace(' as ', ': ')} = {places[of].called};\n" for names, of in imports)


def _import(modules: set[str], places: Mapping[str, _Place]) -> str:
    """The import of modules that lie in one file."""
    if not modules:
        return ""
    names = ", ".join(places[name].called for name in sorted(modules))
    return f'import {{ {names} }} from "./{places[min(modules)].file}";\n'
