"""Runs of the reconciliation, as the command makes them."""

from __future__ import annotations

from tests.support.stores.planted_objects import Disk
from uploads.reconcile.cleanup import Cleaned, clean
from uploads.reconcile.scan import scan


def run(**options) -> Cleaned:
    """One run that deletes; what it wrote is not carried out yet."""
    return clean(scan(), **options)


def marks(disk: Disk) -> list[str]:
    """The keys of the marks in the store."""
    return sorted(key for key in disk.keys if "/erp_mark/" in key)
