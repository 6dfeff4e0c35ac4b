"""Update the translation catalogs from the sources.

    python -m tests.catalogs

Adds new messages untranslated, drops those that are gone, and writes the ``.po`` and ``.mo`` files with Babel. Exits
with 1 while a translation is missing, and names it.
"""

from __future__ import annotations

import sys

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

from tests.catalogs.sources import DOMAINS, LANGUAGES, Domain, entries, is_translated


def main() -> int:
    """Update every catalog and print what is left to translate."""
    missing = [text for domain in DOMAINS for language in LANGUAGES for text in update(domain, language)]
    print(*missing, sep="\n")
    return 1 if missing else 0


def update(domain: Domain, language: str) -> list[str]:
    """Update one catalog; return its untranslated messages."""
    path = domain.path(language)
    catalog = domain.read(language) if path.exists() else Catalog(language, project="django-draft-uploads", fuzzy=False)
    catalog.update(domain.template(), no_fuzzy_matching=True, update_creation_date=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, include_lineno=False, ignore_obsolete=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return [f"{language} {path.stem}: {message.id}" for message in entries(catalog) if not is_translated(message)]


if __name__ == "__main__":
    sys.exit(main())
