"""No sentence of the sources is missing in any language, and what Django loads is what translators wrote."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

from tests.catalogs import po
from tests.catalogs.po import Catalog, Entry, Message
from tests.catalogs.sources import (
    DOMAINS,
    LANGUAGES,
    Domain,
    in_javascript,
    in_python,
    in_template,
    told_to_browsers,
)

CATALOGS = [(domain, language) for domain in DOMAINS for language in LANGUAGES]
ONE_NUMBER_EACH = {"de": set(), "ar": {0, 1, 2}}
"""The plural forms that stand for one number only, and need not repeat it."""
every_catalog = pytest.mark.parametrize(
    ("domain", "language"), CATALOGS, ids=[f"{d.locale.parent.name}-{d.name}-{language}" for d, language in CATALOGS]
)


def places_in(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]|(\{\})", text))


def faults(entry: Entry, language: str) -> list[str]:
    """What is wrong with the places for values in a translation."""
    wanted, least = places_in(entry.message.plural or entry.message.text), places_in(entry.message.text)
    wrong = []
    for index, form in enumerate(entry.forms):
        told = places_in(form)
        missing = (least if not entry.message.plural else wanted) - told
        if entry.message.plural and index in ONE_NUMBER_EACH[language]:
            missing -= {("count", ""), ("place", "")}
        if missing or told - wanted - least:
            wrong.append(form)
    return wrong


@every_catalog
def test_every_sentence_is_translated_and_none_is_left_over(domain: Domain, language: str):
    messages, catalog = domain.messages(), po.read(domain.path(language))

    assert messages
    assert {entry.message for entry in catalog.entries.values()} == set(messages)
    assert [text for text, entry in catalog.entries.items() if entry.is_fuzzy or not all(entry.forms)] == []
    assert {len(entry.forms) for entry in catalog.entries.values() if entry.message.plural} <= {catalog.plurals}


@every_catalog
def test_every_form_has_the_places_that_its_sentence_has(domain: Domain, language: str):
    entries = po.read(domain.path(language)).entries.values()

    assert {form: entry.message.text for entry in entries for form in faults(entry, language)} == {}


@every_catalog
def test_django_loads_what_was_translated(domain: Domain, language: str):
    catalog = po.read(domain.path(language))
    with domain.path(language).with_suffix(".mo").open("rb") as file:
        loaded = gettext.GNUTranslations(file)

    for text, (message, forms, _) in catalog.entries.items():
        if message.plural:
            counts = {loaded.plural(count): count for count in range(200)}  # type: ignore[attr-defined]
            told = tuple(loaded.ngettext(text, message.plural, counts[index]) for index in range(catalog.plurals))
        else:
            told = (loaded.gettext(text),)
        assert told == forms


def test_the_places_of_a_form_are_compared():
    entry = Entry(Message("%(count)s image of %(name)s", "%(count)s images of %(name)s"), ("",) * 6)

    assert faults(entry._replace(forms=("%(name)s",) * 3 + ("%(count)s %(name)s",) * 3), "ar") == []
    assert faults(entry._replace(forms=("%(name)s",) * 6), "ar") == ["%(name)s"] * 3
    assert faults(entry._replace(forms=("%(count)s %(nane)s", "%(count)s %(name)s")), "de") == ["%(count)s %(nane)s"]


def test_sentences_are_found_wherever_they_stand():
    python = 'Refusal(Code.STALE, "One")\nsuper().__init__(Code.STALE, "Two")\n_("Three")\nngettext("Four", "Fours", 2)'
    values = 'Refusal(Code.TOO_LARGE, "%(name)s", values={"name": 1})'
    template = (
        '{% load i18n %}{% translate "It\'s" %}{% blocktranslate count n=2 %}a{% plural %}b{% endblocktranslate %}'
    )
    script = 'gettext("One \\"two\\"")\nngettext(\n  "a", "b", n)'

    assert {text for text, _ in in_python(python)} == {"One", "Two", "Three", "Four"}
    assert (list(told_to_browsers(values)), list(in_python(values))) == ([], [Message("%(name)s")])
    assert list(in_template(template)) == [Message("It's"), Message("a", "b")]
    assert list(in_javascript(script)) == [Message('One "two"'), Message("a", "b")]


@pytest.mark.parametrize("script", ["gettext(`a ${b}`)", "ngettext(one, other, n)", "gettext('a')"])
def test_a_sentence_that_no_catalog_can_hold_is_an_error(script: str):
    with pytest.raises(ValueError, match="no catalog"):
        list(in_javascript(script))
    with pytest.raises(ValueError, match="no catalog"):
        list(in_python('Refusal(Code.STALE, f"{a} is stale")'))


def test_a_catalog_is_read_as_it_was_written(tmp_path: Path):
    hello, many = Message('Say "hello"\n'), Message("%(count)s", "%(count)ss")
    entries = {hello.text: Entry(hello, ("Sag „hallo“\\",)), many.text: Entry(many, ("a", "b"))}
    catalog = Catalog("Language: de\nPlural-Forms: nplurals=2; plural=(n != 1);\n", entries)

    po.write(tmp_path / "x.po", catalog, {hello: ["a.js"], many: []})
    assert po.read(tmp_path / "x.po") == catalog

    text = (tmp_path / "x.po").read_text().replace("#: a.js", "#, fuzzy")
    (tmp_path / "x.po").write_text(text)
    assert po.read(tmp_path / "x.po").entries[hello.text].is_fuzzy
