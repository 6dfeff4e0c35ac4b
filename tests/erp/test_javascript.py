from __future__ import annotations

import re

import pytest

from erp.javascript import Unclear, joined, minified, with_short_private_names


def test_comments_blanks_and_long_names_go_and_what_others_say_stays():
    source = """
        // said
        export class Window {
          #secret = "http://a , b"; /* more */
          look(atThis) { return `${this.#secret} // ${atThis}`; }
        }
    """
    sent = minified(source)

    assert "said" not in sent
    assert "more" not in sent
    assert "atThis" not in sent
    assert "export class Window" in sent
    assert "look(" in sent
    assert "http://a , b" in sent
    assert " // " in sent


def test_what_a_destructuring_takes_apart_stays_before_it():
    """Newer versions of the library move it behind (2.24.6 to 2.24.12, measured): the pin keeps it right."""
    source = """
        export function f(files, list = 1) {
          const all = [...files, ...list];
          const { a, b } = g({ count: all.length });
          for (const { id } of b) h(id);
          return a;
        }
    """

    assert re.search(r"(\w)=\[.*count:\1\.length", minified(source))


def test_private_names_become_short_where_they_are_declared_and_used():
    source = """
        class Card {
          #title = "#title";
          async #render() { this.#title = this.#title.#render; }
          get #wide() { return `${this.#title} #title`; }
        }
    """
    assert (
        with_short_private_names(source)
        == """
        class Card {
          #a = "#title";
          async #b() { this.#a = this.#a.#b; }
          get #c() { return `${this.#a} #title`; }
        }
    """
    )


@pytest.mark.parametrize(
    "body",
    [
        'say(".#title");',
        "say(`${this.#title}\n    #title`);",
        "return /a.#title/;",
        "return #title in other;",
        "return other\n      ?.#title.#ünique;",
        "} *#title() {",
        "} static { this.#title = 1; } accessor #wide = 1; f() {",
    ],
)
def test_what_only_looks_like_a_private_name_or_would_be_overlooked_is_refused(body: str):
    source = f"class Card {{\n  #title = 1;\n  f(other) {{\n    {body}\n  }}\n}}\n"

    with pytest.raises(Unclear):
        with_short_private_names(source)


def test_private_names_may_be_spoken_of():
    source = 'class Card {\n  // The #title, as this.#title.\n  #title = "a #title";\n}\n'

    assert '#a="a #title"' in minified(with_short_private_names(source))


def test_what_is_no_javascript_is_refused():
    with pytest.raises(Unclear, match="unterminated string"):
        minified('const a = "b;\n')


WINDOW = {
    "index.js": 'import { Window } from "./window.js";\nnew Window();\n',
    "window.js": (
        'import { build as make } from "./build.js";\nimport * as words from "./words.js";\n'
        'export class Window {\n  async look() {\n    (await import("./look.js")).look(make, words.A);\n  }\n}\n'
    ),
    "build.js": 'import { keep } from "./kept.js";\nexport function build() {\n  keep();\n}\n',
    "words.js": 'export const A = "a";\nconst own = 1;\n',
    "look.js": 'import { build } from "./build.js";\nimport { zoom } from "./zoom.js";\nexport const a = zoom;\n',
    "zoom.js": "export const zoom = () => {};\n",
    "kept.js": "export function keep() {}\n",
    "everywhere.js": 'import { keep } from "./kept.js";\nkeep();\n',
}


def test_what_a_page_needs_from_the_start_is_in_two_files():
    files = joined(WINDOW, "index.js", "core.js")

    assert set(files.texts) == {"index.js", "core.js", "look.js", "zoom.js", "kept.js", "everywhere.js"}
    assert files.needless == {"window.js", "build.js", "words.js"}
    assert "class Window" in files.texts["index.js"]
    assert "function build" in files.texts["core.js"]
    assert 'A = "a"' in files.texts["core.js"]


def test_a_part_that_comes_later_takes_what_is_there_already():
    look = joined(WINDOW, "index.js", "core.js").texts["look.js"]

    assert re.search(r'import { (\w+) } from "\./core\.js";[^$]*const \[build\] = \1;', look)
    assert 'import { zoom as zoom } from "./zoom.js";' in look


def test_a_module_that_is_taken_as_a_whole_gives_what_is_said_of_it():
    window = joined(WINDOW, "index.js", "core.js").texts["index.js"]

    assert re.search(r'import { (\w+), (\w+) } from "\./core\.js";', window)
    assert re.search(r"const \[words_A\] = \w+;", window)
    assert ".look(make, words_A);" in window


def test_a_module_that_two_scripts_of_a_page_share_exists_once():
    files = joined(WINDOW, "index.js", "core.js").texts

    assert re.search(r'import \* as \w+ from "\./kept\.js";', files["core.js"])
    assert 'import { keep as keep } from "./kept.js";' in files["everywhere.js"]


@pytest.mark.parametrize(
    "code",
    [
        'f("words.A")',
        "f(`words.A ${1}`)",
        "f(/a words.A/)",
        "f((words) => words.A)",
        "f(({ words }) => words.A)",
        "f(({ text: words }) => words.A)",
        "f(({ words = 1 }) => words.A)",
        "f(...words.A)",
        "f(words?.A)",
        'f(words["A"])',
        "f(1 ? words : 2)",
        "f(1 /words.A)",
        "f(`${words}`)",
        "f((words_A) => words.A)",
    ],
)
def test_another_thing_of_the_name_of_a_whole_module_is_refused(code: str):
    source = f'import * as words from "./words.js";\nexport const zoom = {code};\n'

    with pytest.raises(Unclear, match=r"zoom\.js: "):
        joined({**WINDOW, "zoom.js": source}, "index.js", "core.js")


@pytest.mark.parametrize(
    "code",
    ["f({ words: words.A })", "f(item.words, words.A)", "f(words.A) // in words, of words.A", 'f("in words", words.A)'],
)
def test_the_name_of_a_whole_module_may_be_said_elsewhere(code: str):
    source = f'import * as words from "./words.js";\nexport const zoom = {code};\n'

    assert "words_A" in joined({**WINDOW, "zoom.js": source}, "index.js", "core.js").texts["zoom.js"]


@pytest.mark.parametrize(
    ("module", "source", "why"),
    [
        ("words.js", "export default 1;\n", "as the other modules do"),
        ("words.js", "export let a = 1;\n", "as the other modules do"),
        ("words.js", 'import "./build.js";\n', "as the other modules do"),
        ("words.js", 'import { Window } from "./window.js";\nexport const A = 1;\n', "import each other"),
        ("words.js", "export const B = 1;\n", "window.js takes from words.js what is not there: A"),
        ("look.js", 'import { Window } from "./window.js";\n', "loads parts itself"),
        ("look.js", 'import { zoom, zoom as large } from "./zoom.js";\n', "look.js: a name is taken twice"),
        ("zoom.js", "export const zoom = `\nexport const A = 1;\n`;\n", "zoom.js: .* in a text"),
        ("zoom.js", 'export const zoom = `\nimport { A } from "./words.js";\n`;\n', "zoom.js: .* in a text"),
        ("zoom.js", "export const zoom$ = 1;\n", "zoom.js: .*as the other modules do"),
        ("zoom.js", "export const zoom = import.meta.url;\n", "zoom.js: .*as the other modules do"),
        ("zoom.js", "export const zoom = (name) => import(name);\n", "zoom.js: .*as the other modules do"),
        ("zoom.js", "export const zoom = () => import(`./kept.js`);\n", "zoom.js: .*as the other modules do"),
        (
            "build.js",
            'import { keep } from "./kept.js";\nexport const build = () => import("./words.js");\n',
            "later as well: words.js",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused_with_its_reason(module: str, source: str, why: str):
    with pytest.raises(Unclear, match=why):
        joined({**WINDOW, module: source}, "index.js", "core.js")
