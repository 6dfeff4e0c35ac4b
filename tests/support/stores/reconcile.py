"""Runs of the reconciliation, as made by the command."""

from __future__ import annotations

from tests.support.stores.stray_objects import Disk
from uploads.reconcile.cleanup import Cleaned, clean
from uploads.reconcile.scan import scan


def run(**options) -> Cleaned:
    """Run it with deletion; the jobs it writes are not carried out yet."""
    return clean(scan(), **options)


def marks(disk: Disk) -> list[str]:
    """Return the keys of the generation markers in the store."""
    return sorted(key for key in disk.keys if "/erp_mark/" in key)
