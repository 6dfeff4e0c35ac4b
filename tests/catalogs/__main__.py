"""Bring the catalogs up to the sources.

    python -m tests.catalogs

New sentences get an empty translation, those that are gone go, and the ``.mo`` files are written. Nothing but Python
is needed. It ends with 1 while a translation is missing, and names it.
"""

from __future__ import annotations

import sys

from tests.catalogs import po
from tests.catalogs.po import Catalog, Entry
from tests.catalogs.sources import DOMAINS, LANGUAGES, Domain

HEADER = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nLanguage: {}\nPlural-Forms: {}\n"
PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
    "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;",
}


def main() -> int:
    """Update every catalog; say what is left to translate."""
    missing = [text for domain in DOMAINS for language in LANGUAGES for text in update(domain, language)]
    print(*missing, sep="\n")
    return 1 if missing else 0


def update(domain: Domain, language: str) -> list[str]:
    """Update one catalog and return what it does not translate yet."""
    path, messages = domain.path(language), domain.messages()
    old = po.read(path) if path.exists() else Catalog(HEADER.format(language, PLURALS[language]), {})
    entries = {}
    for message in messages:
        known = old.entries.get(message.text)
        empty = Entry(message, ("",) * (old.plurals if message.plural else 1))
        entries[message.text] = known if known and known.message == message else empty
    catalog = Catalog(old.header, entries)
    po.write(path, catalog, messages)
    po.write_mo(path.with_suffix(".mo"), catalog)
    return [f"{language} {path.stem}: {entry.message.text}" for entry in entries.values() if not all(entry.forms)]


if __name__ == "__main__":
    sys.exit(main())
