"""What the database itself refuses, whatever the code does."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from uploads.core.states import FileState
from uploads.models import Draft, File, IdempotencyRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Draft:
    return Draft.objects.create(target_kind="product", folder="temp", created_at=timezone.now())


def file(draft: Draft, **fields: object) -> File:
    values = {"size": 1, "content_type": "image/png", "file_type": "main_image", "sequence": 0, **fields}
    return File.objects.create(id=uuid4(), draft=draft, **values)


def test_a_file_owns_an_object_or_refers_to_another_never_both(draft: Draft):
    own = file(draft, store_key="temp/1.png")
    with pytest.raises(IntegrityError, match="own_bytes_or_reference"):
        file(draft, store_key="temp/2.png", source=own)


def test_a_file_without_an_object_and_without_a_source_is_refused(draft: Draft):
    with pytest.raises(IntegrityError, match="own_bytes_or_reference"):
        file(draft, store_key="")


def test_a_reference_is_never_deleted_like_a_file(draft: Draft):
    own = file(draft, store_key="temp/1.png")
    reference = file(draft, source=own, state=FileState.ATTACHED)
    with pytest.raises(IntegrityError, match="reference_never_deleted"):
        File.objects.filter(pk=reference.pk).update(state=FileState.DELETING)


def test_a_command_is_answered_once(draft: Draft):
    IdempotencyRecord.objects.create(draft=draft, op="a", revision=1)
    with pytest.raises(IntegrityError):
        IdempotencyRecord.objects.create(draft=draft, op="a", revision=2)


def test_a_server_of_the_version_before_can_write_a_file_that_names_no_store_and_no_receipt(draft: Draft):
    """Its statements omit the columns; the database itself fills them in."""
    known = file(draft, store_key="temp/1.png")
    table, new_id = File._meta.db_table, uuid4()
    columns = ", ".join(
        str(field.column) for field in File._meta.concrete_fields if field.column not in ("id", "receipt", "store_name")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, {columns}) SELECT %s, {columns} FROM {table}",  # noqa: S608 - our own names
            [new_id.hex if connection.vendor == "sqlite" else new_id],
        )
    written = File.objects.exclude(pk=known.pk).get()
    assert (written.receipt, written.store_name) == ({}, "")
