from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from uploads.core.limits import StorageLimits
from uploads.core.room import COPIES, RESERVE_BYTES, Disk, Use, disk_room, fits

SIZES = st.integers(1, 1000)


def test_a_file_is_counted_as_often_as_it_lies_on_the_disk():
    limits = StorageLimits(min_free_percent=0)
    assert disk_room(limits, Disk(total=0, free=RESERVE_BYTES + COPIES * 100, spooled=0)) == 100


def test_what_lies_in_the_spool_is_room_that_was_promised_already():
    limits = StorageLimits(min_free_percent=0)
    before = disk_room(limits, Disk(total=0, free=RESERVE_BYTES + 900, spooled=0))
    assert disk_room(limits, Disk(total=0, free=RESERVE_BYTES + 600, spooled=300)) == before


def test_of_a_large_disk_a_part_and_of_a_small_one_the_reserve_is_left_alone():
    limits = StorageLimits(min_free_percent=10)
    large, small = 100 * RESERVE_BYTES, RESERVE_BYTES
    assert disk_room(limits, Disk(total=large, free=large // 10, spooled=0)) == 0
    assert disk_room(limits, Disk(total=small, free=RESERVE_BYTES, spooled=0)) == 0


def test_who_asks_alone_gets_half_and_the_next_one_half_of_the_rest():
    assert fits(50, Use(all=0, own=0), 100)
    assert not fits(51, Use(all=0, own=0), 100)
    assert not fits(1, Use(all=50, own=50), 100)
    assert fits(25, Use(all=50, own=0), 100)
    assert not fits(26, Use(all=50, own=0), 100)


@given(st.integers(1, 10_000), st.lists(st.tuples(st.integers(0, 5), SIZES), max_size=60))
def test_never_more_is_promised_than_there_is_and_nobody_is_left_without(room: int, asked: list[tuple[int, int]]):
    own = dict.fromkeys(range(6), 0)
    for user, size in asked:
        if fits(size, Use(all=sum(own.values()), own=own[user]), room):
            own[user] += size
            assert own[user] <= room - sum(own.values())
        assert sum(own.values()) < room
