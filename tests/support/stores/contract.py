"""The contract of all stores (`uploads.stores.base`): a backend is complete when its subclass of this passes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import SuspiciousOperation

from tests.support.images.pictures import picture
from uploads.core import small_pictures
from uploads.stores.base import (
    Lists,
    Opens,
    Promotes,
    Receipt,
    Signs,
    Store,
    StoreError,
    Thumbnails,
    keeps_small_pictures,
)

FOLDER = "media/temp_product_files/ada_20261122T090807000000"
PERMANENT = "media/product_files/7"
HOSTILE_KEYS = ["../outside.jpg", "media/../../outside.jpg", "/etc/outside.jpg", f"{FOLDER}/../../../../outside.jpg"]

NO_FILES = [
    "http://169.254.169.254/latest/meta-data/",
    "https://example.com/x.jpg",
    "s3://bucket/x.jpg",
    "data:image/jpeg;base64,AAAA",
    "/etc/passwd",
    "file:///etc/passwd",
    "",
    b"bytes",
    Path("/etc/passwd"),
    None,
    7,
    io.StringIO("/etc/passwd"),
]


def new_key(folder: str = FOLDER) -> str:
    return f"{folder}/erp-{uuid4()}.jpg"


def put(store: Store, key: str, content: bytes | None = None) -> str:
    receive(store, key, content)
    return key


def receive(store: Store, key: str, content: bytes | None = None) -> Receipt:
    """Put an object; return its receipt as read back from the database."""
    receipt = store.put(key, io.BytesIO(picture() if content is None else content), "image/jpeg")
    return json.loads(json.dumps(receipt))


def content_of(store: Store, key: str) -> bytes:
    """Return the object's bytes; if the store cannot be read, only check that the object exists."""
    assert store.exists(key)
    if not isinstance(store, Opens):
        return picture()
    with store.open(key) as content:
        return content.read()


class StoreContract:
    """Subclasses provide the fixture `backend`: an empty `Store`."""

    @pytest.fixture
    def backend(self) -> Store:
        raise NotImplementedError

    def test_it_has_a_name(self, backend: Store):
        assert 0 < len(backend.name) <= 200

    # --- Put

    def test_what_was_put_is_there_and_nothing_else(self, backend: Store):
        key = put(backend, new_key())
        assert content_of(backend, key) == picture()
        assert not backend.exists(new_key())

    def test_a_second_put_of_the_same_bytes_is_no_error(self, backend: Store):
        key = put(backend, put(backend, new_key()))
        assert content_of(backend, key) == picture()

    def test_a_put_reads_its_content_from_the_start(self, backend: Store):
        """A retry gets the file in the state in which the first attempt left it."""
        key, content = new_key(), io.BytesIO(picture())
        content.seek(0, io.SEEK_END)
        backend.put(key, content, "image/jpeg")
        assert content_of(backend, key) == picture()

    @pytest.mark.parametrize("content", NO_FILES, ids=repr)
    def test_what_is_no_file_open_for_bytes_is_not_stored(self, backend: Store, content: Any):
        """A client library would fetch the URL, or read the path."""
        key = new_key()
        with pytest.raises(TypeError):
            backend.put(key, content, "image/jpeg")
        assert not backend.exists(key)

    def test_puts_of_one_key_at_once_leave_a_whole_object(self, backend: Store):
        key, barrier, failed = new_key(), Barrier(3), []

        def run() -> None:
            barrier.wait()
            try:
                put(backend, key)
            except StoreError as error:
                failed.append(error)

        threads = [Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(failed) < 3
        assert content_of(backend, key) == picture()

    # --- Destroy

    def test_what_was_destroyed_is_gone(self, backend: Store):
        key = put(backend, new_key())
        backend.destroy(key)
        assert not backend.exists(key)

    def test_destroying_twice_or_what_never_was_is_no_error(self, backend: Store):
        key = put(backend, new_key())
        backend.destroy(key)
        backend.destroy(key)
        backend.destroy(new_key("media/temp_product_files/nobody_20261122T000000000000"))
        assert not backend.exists(key)

    def test_the_neighbours_of_what_is_destroyed_survive(self, backend: Store):
        gone, same_folder, other_folder = (
            put(backend, new_key()),
            put(backend, new_key()),
            put(backend, new_key("media/x")),
        )
        longer = put(backend, gone.replace(".jpg", "0.jpg"))

        backend.destroy(gone)

        assert [backend.exists(key) for key in (same_folder, other_folder, longer)] == [True] * 3

    def test_a_destroyed_key_can_be_put_again(self, backend: Store):
        """After a late put that follows a delete, another delete must find the object."""
        key = put(backend, new_key())
        backend.destroy(key)
        put(backend, key)
        assert backend.exists(key)
        backend.destroy(key)
        assert not backend.exists(key)

    # --- Keys and addresses

    def test_every_object_has_one_lasting_address_of_its_own(self, backend: Store):
        receipts = {key: receive(backend, key) for key in [new_key(PERMANENT) for _ in range(3)]}
        urls = [backend.url(key, receipt) for key, receipt in receipts.items()]
        assert len(set(urls)) == 3
        assert [backend.url(key, receive(backend, key)) for key in receipts] == urls

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_a_key_that_climbs_out_is_refused(self, backend: Store, key: str):
        with pytest.raises((StoreError, SuspiciousOperation)):
            put(backend, key)
        with pytest.raises((StoreError, SuspiciousOperation)):
            backend.destroy(key)


class OpensContract:
    """Additional tests for a store whose objects can be read."""

    def test_what_was_put_can_be_read(self, backend: Any):
        key = put(backend, new_key())
        with backend.open(key) as content:
            assert content.read() == picture()

    def test_an_image_and_its_small_pictures_are_objects_of_their_own(self, backend: Any):
        key = put(backend, new_key())
        assert keeps_small_pictures(backend)
        for small in small_pictures.keys(key):
            put(backend, small, picture("WEBP"))
        backend.destroy(key)
        for small in small_pictures.keys(key):
            assert content_of(backend, small) == picture("WEBP")
            backend.destroy(small)
            assert not backend.exists(small)

    def test_reading_what_is_missing_says_so(self, backend: Any):
        with pytest.raises(FileNotFoundError):
            backend.open(new_key())


class PromotesContract:
    """Additional tests for a store that moves objects itself."""

    def test_it_says_that_it_can(self, backend: Any):
        assert isinstance(backend, Promotes)

    def test_a_promoted_object_is_whole_under_its_new_key(self, backend: Any):
        key, to = new_key(), new_key(PERMANENT)
        promoted = backend.promote(key, to, receive(backend, key))
        assert content_of(backend, promoted.key) == picture()
        assert json.loads(json.dumps(promoted.receipt)) == promoted.receipt

    def test_an_image_and_its_small_pictures_stay_together(self, backend: Any):
        """Their keys are made from that of the image, before and after."""
        key, to = new_key(), new_key(PERMANENT)
        receipts = {one: receive(backend, one) for one in (key, *small_pictures.keys(key))}
        promoted = backend.promote(key, to, receipts[key])
        if not keeps_small_pictures(backend) or promoted.key == key:
            return
        assert promoted.key == to
        for source, target in zip(small_pictures.keys(key), small_pictures.keys(to), strict=True):
            assert backend.promote(source, target, receipts[source]).key == target
            assert backend.exists(target)

    def test_it_says_whether_the_object_left_its_old_key(self, backend: Any):
        key, to = new_key(), new_key(PERMANENT)
        promoted = backend.promote(key, to, receive(backend, key))
        assert backend.exists(key) is not promoted.left

    def test_promoting_again_is_no_error_whether_the_source_is_there_or_not(self, backend: Any):
        key, to = new_key(), new_key(PERMANENT)
        receipt = receive(backend, key)
        first = backend.promote(key, to, receipt)
        assert backend.promote(key, to, receipt).key == first.key
        if first.key != key:
            backend.destroy(key)
        assert backend.promote(key, to, receipt).key == first.key
        assert content_of(backend, first.key) == picture()

    def test_destroying_the_source_of_a_promotion_leaves_its_target(self, backend: Any):
        key, to = new_key(), new_key(PERMANENT)
        promoted = backend.promote(key, to, receive(backend, key))
        if promoted.key == key:
            return
        backend.destroy(key)
        assert not backend.exists(key)
        assert content_of(backend, to) == picture()

    def test_a_promotion_leaves_the_neighbours_of_both_keys(self, backend: Any):
        neighbours = [put(backend, new_key()), put(backend, new_key(PERMANENT))]
        key = new_key()
        backend.promote(key, new_key(PERMANENT), receive(backend, key))
        assert [backend.exists(key) for key in neighbours] == [True, True]

    def test_promoting_what_is_nowhere_fails(self, backend: Any):
        key, to = new_key(), new_key(PERMANENT)
        receipt = receive(backend, key)
        backend.destroy(key)
        with pytest.raises(StoreError):
            backend.promote(key, to, receipt)
        assert not backend.exists(to)


class ListsContract:
    """Additional tests for a store that lists its objects."""

    def test_it_says_that_it_can_list(self, backend: Any):
        assert isinstance(backend, Lists)

    def test_it_lists_what_lies_below_a_folder_and_nothing_of_its_neighbours(self, backend: Any):
        mine = {put(backend, new_key()) for _ in range(3)}
        put(backend, new_key(f"{FOLDER}0"))
        put(backend, new_key(PERMANENT))
        listed = list(backend.list(f"{FOLDER}/"))
        assert {found.key for found in listed} == mine
        assert len(listed) == 3
        assert {found.size for found in listed} == {len(picture())}

    def test_it_lists_nothing_below_a_folder_that_is_not_there(self, backend: Any):
        assert list(backend.list("media/temp_product_files/nobody_20261122T000000000000/")) == []


class ShowsContract:
    """Additional tests for a store whose objects a browser reads directly."""

    def test_it_says_that_it_can_show(self, backend: Any):
        assert isinstance(backend, Signs)
        assert isinstance(backend, Thumbnails)

    def test_every_temp_object_has_an_address_and_a_small_one_of_its_own(self, backend: Any):
        receipts = {key: receive(backend, key) for key in (new_key(), new_key())}
        urls = {backend.temp_url(*object_) for object_ in receipts.items()}
        small = {backend.thumbnail_url(*object_, 100, 80) for object_ in receipts.items()}
        assert len(urls | small) == 4
