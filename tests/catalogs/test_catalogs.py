"""No sentence of the sources lacks a translation, and what Django loads is what translators wrote."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import write_po

from tests.catalogs.__main__ import update
from tests.catalogs.sources import (
    DOMAINS,
    LANGUAGES,
    Domain,
    MessageId,
    entries,
    forms,
    in_javascript,
    in_python,
    in_template,
    is_translated,
    texts,
    told_to_browsers,
)

CATALOGS = [(domain, language) for domain in DOMAINS for language in LANGUAGES]
ONE_NUMBER_EACH = {"de": set(), "ar": {0, 1, 2}}
"""Return the plural forms that apply to a single number and need not contain it."""
every_catalog = pytest.mark.parametrize(
    ("domain", "language"), CATALOGS, ids=[f"{d.locale.parent.name}-{d.name}-{language}" for d, language in CATALOGS]
)


def places_in(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]|(\{\})", text))


def faults(message: Message, language: str) -> list[str]:
    """Return the forms whose placeholders differ from those of the message."""
    least, wanted = places_in(texts(message)[0]), places_in(texts(message)[-1])
    wrong = []
    for index, form in enumerate(forms(message)):
        told = places_in(form)
        missing = wanted - told
        if message.pluralizable and index in ONE_NUMBER_EACH[language]:
            missing -= {("count", ""), ("place", "")}
        if missing or told - wanted - least:
            wrong.append(form)
    return wrong


@every_catalog
def test_every_sentence_is_translated_and_none_is_left_over(domain: Domain, language: str):
    template, catalog = domain.template(), domain.read(language)

    assert len(template) > 0
    assert {message.id for message in entries(catalog)} == {message.id for message in entries(template)}
    assert [message.id for message in entries(catalog) if not is_translated(message)] == []
    assert {len(forms(message)) for message in entries(catalog) if message.pluralizable} <= {catalog.num_plurals}
    assert [errors for _, errors in catalog.check()] == []


@every_catalog
def test_every_form_has_the_places_that_its_sentence_has(domain: Domain, language: str):
    messages = entries(domain.read(language))

    assert {form: message.id for message in messages for form in faults(message, language)} == {}


@every_catalog
def test_django_loads_what_was_translated(domain: Domain, language: str):
    catalog = domain.read(language)
    with domain.path(language).with_suffix(".mo").open("rb") as file:
        loaded = gettext.GNUTranslations(file)

    for message in entries(catalog):
        if message.pluralizable:
            one, other = texts(message)
            counts = {loaded.plural(count): count for count in range(200)}  # type: ignore[attr-defined]
            told = tuple(loaded.ngettext(one, other, counts[index]) for index in range(catalog.num_plurals))
        else:
            told = (loaded.gettext(texts(message)[0]),)
        assert told == forms(message)


def test_the_places_of_a_form_are_compared():
    def translated(*strings: str) -> Message:
        return Message(("%(count)s image of %(name)s", "%(count)s images of %(name)s"), strings)

    assert faults(translated(*("%(name)s",) * 3, *("%(count)s %(name)s",) * 3), "ar") == []
    assert faults(translated(*("%(name)s",) * 6), "ar") == ["%(name)s"] * 3
    assert faults(translated("%(count)s %(nane)s", "%(count)s %(name)s"), "de") == ["%(count)s %(nane)s"]


def test_sentences_are_found_wherever_they_stand():
    python = 'Refusal(Code.STALE, "One")\nsuper().__init__(Code.STALE, "Two")\n_("Three")\nngettext("Four", "Fours", 2)'
    values = 'Refusal(Code.TOO_LARGE, "%(name)s", values={"name": 1})'
    template = (
        '{% load i18n %}{% translate "It\'s" %}{% blocktranslate count n=2 %}a{% plural %}b{% endblocktranslate %}'
    )
    script = 'gettext("One \\"two\\"")\nngettext(\n  "a", "b", n)'

    assert set(in_python(python)) == {"One", "Two", "Three", ("Four", "Fours")}
    assert (list(told_to_browsers(values)), list(in_python(values))) == ([], ["%(name)s"])
    assert list(in_template(template)) == ["It's", ("a", "b")]
    script += "\ncatalog.gettext(sentence)"
    assert list(in_javascript(script)) == ['One "two"', ("a", "b")]


@pytest.mark.parametrize("script", ["gettext(`a ${b}`)", "ngettext(one, other, n)", "gettext('a')"])
def test_a_sentence_that_no_catalog_can_hold_is_an_error(script: str):
    with pytest.raises(ValueError, match="no catalog"):
        list(in_javascript(script))
    with pytest.raises(ValueError, match="no catalog"):
        list(in_python('Refusal(Code.STALE, f"{a} is stale")'))


def test_an_update_keeps_what_is_translated_and_names_what_is_missing(tmp_path: Path):
    def domain(*messages: MessageId) -> Domain:
        return Domain(tmp_path, "django", {"asgi.py": lambda _: iter(messages)})

    assert update(domain("Gone", 'Say "hello"\n'), "de") == ["de django: Gone", 'de django: Say "hello"\n']
    catalog = domain().read("de")
    entries(catalog)[1].string = "Sag „hallo“\\"
    with domain().path("de").open("wb") as file:
        write_po(file, catalog)

    assert update(domain('Say "hello"\n', ("a", "b")), "de") == ["de django: ('a', 'b')"]

    assert [(message.id, forms(message)) for message in entries(domain().read("de"))] == [
        ('Say "hello"\n', ("Sag „hallo“\\",)),
        (("a", "b"), ("", "")),
    ]
    with domain().path("de").with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext('Say "hello"\n') == "Sag „hallo“\\"
