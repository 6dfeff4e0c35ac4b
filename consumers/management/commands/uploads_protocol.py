"""``uploads_protocol``: write the files generated from the message definitions, or check them."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from consumers.protocol import codegen


class Command(BaseCommand):
    """Write ``protocol.js`` and ``docs/protocol.md``; with ``--check``, fail if either is stale."""

    help = "Writes the JavaScript constants and the protocol page from consumers/protocol/messages.py."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--check``."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a text is stale")

    def handle(self, *, check: bool, **options: object) -> None:
        """Write or check both files. Raises `CommandError` if one is stale."""
        for path, text in ((codegen.JAVASCRIPT, codegen.javascript()), (codegen.PAGE, codegen.page())):
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            if check:
                raise CommandError(f"{path.name} is stale. Run: python3 -m erp uploads_protocol")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path.name}")
