from __future__ import annotations

import re

import pytest

from erp.javascript import Unclear, joined, stripped


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("// said\nconst a = 1; // and more\n/** and\n * more */\nconst b = 2;\n", "const a=1;const b=2;"),
        ('const url = "http://a , b"; // c\n', 'const url="http://a , b";'),
        ("const it = 'it\\'s // here';\n", "const it='it\\'s // here';"),
        ("const say = `a , /* ${b ? `c ; ${1}` : ``} //  d`;\n", None),
        ("const odd = /[/ , ]\\/* , '/g.test(x);\n", "const odd=/[/ , ]\\/* , '/g.test(x);"),
        ("const half = (a) => /a , b/.test(a);\n", "const half=(a)=>/a , b/.test(a);"),
        ("return /a , b/;\n", None),
        ("const part = whole / 2, rest = a / b;\n", "const part=whole / 2,rest=a / b;"),
        ("class A {\n  #secret\n  static b = 1;\n  get [x]() {}\n}\n", "class A{#a\nstatic b=1;get[x](){}}"),
        ("const a = b\n  ?.c()\n  .d + +e - -f;\n", "const a=b?.c().d + +e - -f;"),
        ("let a = 1\nlet b = a++\n++b\n", "let a=1\nlet b=a++\n++b"),
        ("class A { #one = 1; two = `${this.#one} #one`; #six() {} }", "class A{#a=1;two=`${this.#a} #one`;#b(){}}"),
        ("const a = /** @type {B} */ (c);\n", "const a=(c);"),
    ],
)
def test_comments_and_blanks_go_and_nothing_else(written: str, sent: str | None):
    assert stripped(written).strip() == (sent or written.strip().replace("say = ", "say="))


def test_a_string_that_does_not_end_is_refused():
    with pytest.raises(Unclear, match="no end of a string"):
        stripped('const a = "b;\n')


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

    assert re.search(r'import { (\w+) } from "\./core\.js";[^$]*const { build } = \1;', look)
    assert 'import { zoom } from "./zoom.js";' in look


def test_a_module_that_two_scripts_of_a_page_share_exists_once():
    files = joined(WINDOW, "index.js", "core.js").texts

    assert re.search(r'import \* as \w+ from "\./kept\.js";', files["core.js"])
    assert 'import { keep } from "./kept.js";' in files["everywhere.js"]


@pytest.mark.parametrize(
    ("module", "source", "why"),
    [
        ("words.js", "export default 1;\n", "as the other modules do"),
        ("words.js", "export let a = 1;\n", "as the other modules do"),
        ("words.js", 'import "./build.js";\n', "as the other modules do"),
        ("words.js", 'import { Window } from "./window.js";\nexport const A = 1;\n', "import each other"),
        ("look.js", 'import { Window } from "./window.js";\n', "loads parts itself"),
    ],
)
def test_what_cannot_be_joined_is_refused_with_its_reason(module: str, source: str, why: str):
    with pytest.raises(Unclear, match=why):
        joined({**WINDOW, module: source}, "index.js", "core.js")
