from __future__ import annotations

from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from tests.support.stores.unreliable_store import UnreliableStore
from uploads.core.names import TEMP_ROOT
from uploads.reconcile import marker
from uploads.reconcile.rules import GenerationMarker, marker_of
from uploads.stores.base import Lists
from uploads.stores.registry import current_store

pytestmark = pytest.mark.django_db(transaction=True)


def in_store() -> list[GenerationMarker]:
    backend = current_store()
    assert isinstance(backend, Lists)
    return [mark for listed in backend.list(TEMP_ROOT) if (mark := marker_of(listed.key, "erp"))]


def test_a_new_database_has_no_mark():
    assert marker.read() == (None, None)


def test_each_mark_is_ahead_of_all_before_and_of_those_in_the_store(service_clock):
    assert marker.write_next(None, [], 1_000)
    first, at = marker.read()
    assert first is not None
    assert (first.counter, at) == (1, 1_000)

    ahead = GenerationMarker(7, first.token)
    assert marker.write_next(first, [ahead], 2_000)

    second, at = marker.read()
    assert second is not None
    assert (second.counter, at) == (8, 2_000)
    assert second.token != first.token
    assert sorted(in_store()) == [first, second]


def test_only_who_knows_the_last_mark_sets_the_next(service_clock):
    marker.write_next(None, [], 1_000)
    assert not marker.write_next(None, [], 2_000)
    assert not marker.write_next(GenerationMarker(1, uuid4()), [], 2_000)
    assert len(in_store()) == 1


def test_a_mark_is_a_picture_for_stores_that_take_nothing_else(service_clock, unreliable_store: UnreliableStore):
    marker.write_next(None, [], 1_000)
    (listed,) = unreliable_store.list(TEMP_ROOT)
    with unreliable_store.open(listed.key) as content:
        picture = Image.open(BytesIO(content.read()))
        picture.load()
    assert (picture.format, picture.size) == ("PNG", (1, 1))
