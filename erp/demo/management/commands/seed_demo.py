"""``python3 -m erp seed_demo``: give an empty ERP its demo staff and products."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from erp.demo import accounts, seed


class Command(BaseCommand):
    """Add the demo data that is missing; change nothing in an ERP that has other data."""

    help = __doc__

    def handle(self, **_: object) -> None:
        """Add it and print what was added. Raises `CommandError` where demo accounts are not allowed."""
        if not accounts.passwords():
            raise CommandError(
                "Demo accounts have well-known passwords: only `python3 -m erp` on its own SQLite and loopback makes "
                "them. Anywhere else name passwords of your own in ERP_DEMO_PASSWORDS."
            )
        if seed.lacks_users():
            self.stdout.write("Adding demo staff ...")
            seed.add_users()
        if seed.lacks_products():
            self.stdout.write("Adding demo products ...")
            seed.add_products()
