"""JavaScript modules as they are sent: short, and those of one page in few files. Pure: text to text.

Developers write, test and (with `DEBUG`) run the sources. The reasons and the figures stand in
docs/decisions/0012-modules-are-joined-when-published.md.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import minify  # type: ignore[import-untyped]

_IMPORT = re.compile(
    r"""^import[ ](?:(?P<names>\{[^}]*\})|\*[ ]as[ ](?P<all>\w+))[ ]from[ ]"\./(?P<of>[\w/]+\.js)";$""", re.M | re.X
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+)(?![\w$]))", re.M)
_PRIVATE = re.compile(r"(?P<before>^[ ]+(?:(?:static|async|get|set)[ ])*|(?<=\.))#(?P<name>[a-z]\w*)", re.M | re.I)
"""`#name` where a class declares it, as our sources are indented, and where it is used."""
_ANY_PRIVATE = re.compile(r"#(?=[\w$\\])")
_PART = re.compile(r"""\bimport\("\./(?P<of>[\w/]+\.js)"\)""")
_ANY_PART = re.compile(r"\bimport\s*[(.]")
"""Also `import.meta`, which would tell of another file than the module's own."""


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


def with_short_private_names(source: str) -> str:
    """The same module, the `#names` of its classes made short: the library leaves them, although nobody outside can
    say them. Uses are counted, the most frequent name is `#a`, in every module alike, which compresses well.

    Raises `Unclear` where a text has what looks like one, or one stands where it would be overlooked.
    """
    _check_in_code(source, _PRIVATE)
    _check_in_no_code(_PRIVATE.sub(r"\g<before>x", source), _ANY_PRIVATE)
    counted = Counter(found["name"] for found in _PRIVATE.finditer(source))
    short = {name: _letters(at) for at, (name, _) in enumerate(counted.most_common())}
    return _PRIVATE.sub(lambda found: f"{found['before']}#{short[found['name']]}", source)


def _check_in_code(source: str, pattern: re.Pattern[str]) -> None:
    """Raise `Unclear` where the pattern finds a part of a text, for it would be changed as if it were code.

    The parser knows: a blank before each find changes nothing but texts.
    """
    if minified(pattern.sub(r" \g<0>", source)) != minified(source):
        raise Unclear(f"what is taken for code stands in a text, or is written in an unusual way: {pattern.pattern}")


def _check_in_no_code(source: str, pattern: re.Pattern[str]) -> None:
    """Raise `Unclear` where the pattern finds code, for nothing was done with it. Texts and comments are free.

    The parser knows: `0 0` behind each find is an error anywhere but there.
    """
    try:
        minified(pattern.sub(r"\g<0> 0 0", source))
    except Unclear as error:
        raise Unclear(f"write this as the other modules do: {error}") from error


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
    places = {
        name: _Place(file, f"m{_letters(at)}", modules[name].exports if name in together else None)
        for at, (name, file) in enumerate(files.items())
    }
    _check_names(modules)
    if both := {part for module in modules.values() for part in module.parts} & set(together):
        raise Unclear(f"needed from the start, and loaded later as well: {', '.join(sorted(both))}")
    texts = {name: modules[name].alone(places, core) for name in modules.keys() - set(together)}
    for file in (core, entry):
        texts[file] = _file([modules[name] for name in together if files[name] == file], places, file)
    return Joined(texts, frozenset(together) - {entry})


def _check_names(modules: Mapping[str, _Module]) -> None:
    for name, module in modules.items():
        for names, of in module.imports:
            if unknown := names.keys() - set(modules[of].exports):
                raise Unclear(f"{name} takes from {of} what is not there: {', '.join(sorted(unknown))}")


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
    order: tuple[str, ...] | None
    """Of what it gives to others, as a list, which is shorter than by name; None: it is a file of its own."""


class _Import(NamedTuple):
    """What a module takes from another: its own names for it, by those of the other."""

    names: dict[str, str]
    of: str

    @classmethod
    def read(cls, found: re.Match[str], body: str) -> _Import:
        if whole := found["all"]:
            return cls({name: f"{whole}_{name}" for name in _said(whole).findall(body)}, found["of"])
        pairs = [name.strip().split(" as ") for name in found["names"].strip("{}").split(",") if name.strip()]
        names = {pair[0]: pair[-1] for pair in pairs}
        if len(names) < len(pairs):
            raise Unclear(f"a name is taken twice: {found[0]}")
        return cls(names, found["of"])

    def statement(self) -> str:
        return f'import {{ {", ".join(f"{name} as {own}" for name, own in self.names.items())} }} from "./{self.of}";\n'

    def taken(self, place: _Place) -> str:
        if place.order is None:
            pattern = f"{{ {', '.join(f'{name}: {own}' for name, own in self.names.items())} }}"
        else:
            pattern = f"[{', '.join(self.names.get(name, '') for name in place.order)}]"
        return f"const {pattern} = {place.called};\n"


def _said(whole: str) -> re.Pattern[str]:
    """Where a module says a name of one that it took as a whole: `words.A`."""
    return re.compile(rf"(?<![\w$./]){whole}\.(\w+)")


def _said_otherwise(whole: str) -> re.Pattern[str]:
    """Where it says the name of the whole itself, or one that it gets here: there may be another thing of that name.

    Only what is somebody's property is something else: `item.words`, `{ words: text }`.
    """
    return re.compile(rf"(?<![\w$])(?<!(?<!\.)\.)(?!(?<=[{{,] |  ){whole}:){whole}(?:_\w+)?(?![\w$])")


class _Module(NamedTuple):
    name: str
    imports: tuple[_Import, ...]
    exports: tuple[str, ...]
    parts: tuple[str, ...]
    body: str

    @classmethod
    def read(cls, name: str, source: str) -> _Module:
        try:
            return cls._read(name, source)
        except Unclear as error:
            raise Unclear(f"{name}: {error}") from error

    @classmethod
    def _read(cls, name: str, source: str) -> _Module:
        _check_in_code(source, _IMPORT)
        _check_in_code(source, _EXPORT)
        body = _EXPORT.sub("", _IMPORT.sub("", source))
        if unusual := re.search(r"^(import|export)\b(?!\().*", body, re.M):
            raise Unclear(f"write this import or export as the other modules do: {unusual[0]}")
        imports = tuple(_Import.read(found, body) for found in _IMPORT.finditer(source))
        for whole in (found["all"] for found in _IMPORT.finditer(source) if found["all"]):
            _check_in_code(body, _said(whole))
            _check_in_no_code(_said(whole).sub("x", body), _said_otherwise(whole))
            body = _said(whole).sub(rf"{whole}_\1", body)
        exports = tuple(found["name"] for found in _EXPORT.finditer(source))
        _check_in_no_code(_PART.sub("x()", source), _ANY_PART)
        return cls(name, imports, exports, tuple(found["of"] for found in _PART.finditer(minified(source))), body)

    @property
    def needs(self) -> list[str]:
        return [taken.of for taken in self.imports]

    def inside(self, places: Mapping[str, _Place]) -> str:
        """As a function that runs at once, in a file with others: its names stay its own."""
        value = f"const {places[self.name].called} = " if self.exports else ""
        taken = "".join(each.taken(places[each.of]) for each in self.imports)
        return f"{value}(() => {{\n{taken}{self.body}\nreturn [{', '.join(self.exports)}];\n}})();\n"

    def alone(self, places: Mapping[str, _Place], core: str) -> str:
        """As a file of its own, which takes from `core` what lies there now."""
        moved = [each for each in self.imports if places[each.of].file != each.of]
        if wrong := [of for _, of in moved if places[of].file != core]:
            raise Unclear(f"{self.name} may be loaded later, so it cannot need {wrong[0]}, which loads parts itself")
        kept = "".join(each.statement() for each in self.imports if each not in moved)
        taken = "".join(each.taken(places[each.of]) for each in moved)
        exports = f"export {{ {', '.join(self.exports)} }};\n" if self.exports else ""
        return _import({of for _, of in moved}, places) + kept + taken + self.body + exports


def _file(modules: list[_Module], places: Mapping[str, _Place], file: str) -> str:
    """Several modules as one, which gives to others what they need."""
    outside = {need for module in modules for need in module.needs if places[need].file != file}
    moved = {need for need in outside if places[need].file != need}
    alone = "".join(f'import * as {places[need].called} from "./{need}";\n' for need in sorted(outside - moved))
    given = ", ".join(places[module.name].called for module in modules if module.exports)
    inside = "".join(module.inside(places) for module in modules)
    return f"{_import(moved, places)}{alone}{inside}export {{ {given} }};\n"


def _import(modules: set[str], places: Mapping[str, _Place]) -> str:
    """The import of modules that lie in one file."""
    if not modules:
        return ""
    names = ", ".join(places[name].called for name in sorted(modules))
    return f'import {{ {names} }} from "./{places[min(modules)].file}";\n'
