"""Every call to Cloudinary, and every way it can fail, without loss, leftovers or premature reports.

The real store talks to a strict server on loopback. A fault strikes some calls in a row; then the service recovers.
Only a call without a response takes real time, until the store's own deadline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from io import BytesIO
from uuid import UUID

import pytest

from devtools.cloudinary_loopback.cloud import Address, Asset, Cloud
from devtools.cloudinary_loopback.faults import Kind
from tests.support.images.pictures import picture
from tests.support.run.counts import Counted
from tests.support.servers.server import wait_for
from tests.support.stores.stray_objects import DAY, temp_key
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from tests.verification.store_case import FILES, StoreCase, content_of
from uploads import api, spool
from uploads.core.service_time import LEASE_MS
from uploads.core.states import LIVE, DraftState, FileState
from uploads.drafts import lifecycle
from uploads.grace import clock
from uploads.models import File, Process, StoreJob
from uploads.reconcile.cleanup import clean
from uploads.reconcile.rules import Classification
from uploads.reconcile.scan import scan
from uploads.stores.registry import current_store
from uploads.stores.retry import LATE_MS

ALL_SEEDS = 25
ANSWER_SECONDS = 5
DEADLINE_SECONDS = 0.5
"""The store's own deadline, where it is what ends a call."""
RECOVERY_SECONDS = 30 * 3600
"""A used-up quota is renewed at the next full hour, and may be used up again at once."""
ENDS = {
    "upload": ["commit", "discard", "expire"],
    "rename": ["commit", "release"],
    "destroy": ["discard", "expire", "purge", "release"],
}


class CloudCase(StoreCase):
    """A draft whose images are in `cloud`."""

    def __init__(self, driver: Driver, time: FakeClock, cloud: Cloud, verb: str, seed: int) -> None:
        super().__init__(driver, time, verb, seed, most=7)
        self.cloud = cloud
        self.lands_after_ms: int | None = None
        self.lands_ms: int | None = None
        self.present = True
        self.how = self.luck.choice(ENDS.get(verb, ["commit"]))
        cloud.heal()
        cloud.log.clear()

    # --- Faults

    def fail(self, kind: Kind, **how: object) -> None:
        """Make the next call of the verb fail."""
        self.cloud.fail(self.verb, kind, **how)

    def fail_all(self, *kinds: Kind, **how: object) -> None:
        for _ in range(self.times):
            self.fail(self.luck.choice(kinds), **how)

    def maybe(self, *values: int | None) -> int | None:
        return self.luck.choice(values)

    @property
    def struck(self) -> int:
        return sum(bool(event.fault) for event in self.cloud.calls())

    def land(self) -> None:
        """Let what was not answered in time take effect now, if ever."""
        self.lands_ms = self.lands_after_ms = None
        self.cloud.heal()
        late = [event for event in self.cloud.calls() if event.fault == Kind.DELAY]
        wait_for(lambda: all(event.status for event in late))

    # --- Time

    def beat(self) -> None:
        """The process of the user's tab is never late, however long the step, until the user leaves."""
        now_ms = clock.service_now()
        if self.present:
            Process.objects.filter(pk=self.process).update(lease_ms=now_ms + LEASE_MS)
        if self.lands_after_ms is not None and self.lands_ms is None and self.struck:
            self.lands_ms = now_ms + self.lands_after_ms
        if self.lands_ms is not None and now_ms >= self.lands_ms:
            self.land()

    def settle(self, unsettled: Callable[[], bool]) -> None:
        """Advance time in growing steps until everything is settled."""
        step, passed = 5.0, 0.0
        while unsettled():
            assert passed < RECOVERY_SECONDS, list(StoreJob.objects.values())
            self.pass_time(step, step)
            passed, step = passed + step, min(step * 1.5, 300)

    def is_unsettled(self) -> bool:
        """Whether anything is still going to happen by itself."""
        under_way = self.driver.state in {*LIVE, DraftState.EXPIRING} or self.lands_after_ms is not None
        return under_way or StoreJob.objects.filter(dead=False).exists()

    # --- User actions

    def upload(self) -> list[UUID]:
        made = self.upload_all()
        self.connect()
        rejected = self.driver.draft.files.filter(state=FileState.REJECTED)
        while self.is_undecided() or rejected.exists():
            self.settle(self.is_undecided)
            self.retry_rejected()
        return made

    def end(self, made: list[UUID]) -> list[UUID]:
        """End the draft as given; return the files that stay."""
        self.present = False
        if self.how == "discard":
            self.discard()
        elif self.how == "expire":
            self.expire()
        else:
            if self.how == "purge":
                self.driver.remove(made[0])
                self.driver.purge(made[0])
            self.driver.commit()
            run_jobs()
            self.assert_nothing_is_shown_that_is_not_there()
            if self.how == "release":
                api.release(made)
        run_jobs()
        return {"commit": made, "purge": made[1:]}.get(self.how, [])

    # --- Final state

    def holds(self, file: File) -> bool:
        asset = self.cloud.assets.get(address(file.store_key))
        if asset is None and file.state == FileState.LINKED:
            # The rename was done, and its response was lost.
            targets = StoreJob.objects.filter(file=file, kind=StoreJob.Kind.PROMOTE).values_list("key", flat=True)
            asset = next((found for key in targets if (found := self.cloud.assets.get(address(key)))), None)
        return asset is not None and tells(file, asset)

    def spare(self) -> int:
        """Calls that a busy machine may have ended by the short deadline."""
        return self.struck if any(event.fault == Kind.DELAY for event in self.cloud.calls()) else 0


def address(key: str) -> Address:
    kind = "authenticated" if "temp_product_files" in key else "upload"
    return kind, key.rpartition(".")[0]


def tells(file: File, asset: Asset) -> bool:
    """Whether the row names this very object, and it has the file's bytes."""
    told = file.receipt
    told_of = (told["asset_id"], told["etag"], told["bytes"]) == (asset.asset_id, asset.etag, len(asset.content))
    return told_of and asset.content == content_of(file)


# --- The faults


def slow_beyond_the_deadline(case: CloudCase) -> None:
    """30 s are longer than the store waits; the call may still take effect, up to 15 minutes later."""
    case.times = min(case.times, 3)
    case.fail_all(Kind.DELAY, seconds=3600, effect=case.luck.random() < 0.8)
    later = case.luck.choice([30.0, case.luck.uniform(30, 0.9 * LATE_MS / 1000)])
    case.lands_after_ms = int(later * 1000)


def allowance_spent(case: CloudCase) -> None:
    case.fail_all(Kind.BUDGET, retry_after=case.maybe(None, 7))


def too_many_requests(case: CloudCase) -> None:
    case.fail_all(Kind.TOO_MANY, retry_after=case.maybe(None, 2, 40))


def server_errors(case: CloudCase) -> None:
    case.fail_all(Kind.ERROR, Kind.BAD_GATEWAY, Kind.UNAVAILABLE)


def cut_before_it_was_applied(case: CloudCase) -> None:
    case.fail_all(Kind.CUT_BEFORE)


def applied_then_cut(case: CloudCase) -> None:
    case.fail_all(Kind.CUT_AFTER)


def applied_then_500(case: CloudCase) -> None:
    case.fail_all(Kind.DONE_BUT_500)


def garbage_instead_of_json(case: CloudCase) -> None:
    case.fail_all(Kind.GARBAGE, Kind.TRUNCATED, effect=case.luck.random() < 0.7)


def half_a_body(case: CloudCase) -> None:
    case.fail_all(Kind.HALF_BODY, effect=case.luck.random() < 0.7)


Fault = Callable[[CloudCase], None]
FAULTS: list[Fault] = [
    slow_beyond_the_deadline,
    allowance_spent,
    too_many_requests,
    server_errors,
    cut_before_it_was_applied,
    applied_then_cut,
    applied_then_500,
    garbage_instead_of_json,
    half_a_body,
]


def seeds_of(fault: Fault, counted: Counted) -> range:
    """All of them, or one that depends on the fault."""
    first = FAULTS.index(fault)
    return range(first, first + counted(1, ALL_SEEDS))


@pytest.fixture
def cloud(use_cloudinary: Callable[..., Cloud], service_clock: FakeClock, fault: Fault) -> Cloud:
    """The current store is on this cloud, whose clock is that of the database."""
    cloud = use_cloudinary(timeout_seconds=DEADLINE_SECONDS if fault is slow_beyond_the_deadline else ANSWER_SECONDS)
    service_clock.now_ms = int(cloud.now() * 1000)
    return cloud


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("verb", ["upload", "rename", "destroy"])
def test_a_service_that_fails_and_recovers_loses_and_leaves_nothing(
    cloud: Cloud,
    make_driver: Callable[[], Driver],
    service_clock: FakeClock,
    verb: str,
    fault: Fault,
    counted: Counted,
    report: Callable[[object], None],
):
    seeds = seeds_of(fault, counted)
    most = 0
    for seed in seeds:
        case = CloudCase(make_driver(), service_clock, cloud, verb, seed)
        run(case, fault)
        most = max(most, *Counter(event.public_id for event in cloud.calls(verb)).values())
        cloud.check()
    report(f"{len(seeds)} runs, none lost, none left, at most {most} calls for one image")


def run(case: CloudCase, fault: Fault) -> None:
    if case.verb == "upload":
        fault(case)
    made = case.upload()
    assert {case.driver.file_state(file_id) for file_id in made} == {FileState.STORED}
    if case.verb != "upload":
        fault(case)

    kept = case.end(made)
    case.settle(case.is_unsettled)

    assert not StoreJob.objects.exists()
    assert case.driver.state == ("expired" if case.how in {"discard", "expire"} else "committed")
    assert [file_id for file_id in made if case.driver.file_state(file_id) == FileState.PERMANENT] == kept
    assert {case.driver.file_state(file_id) for file_id in {*made} - {*kept}} <= {FileState.DELETED}
    assert [spool.latest(file_id) for file_id in made] == [None] * FILES
    assert_rows_and_objects_agree(case.cloud)
    assert_attempts_are_bounded(case)


def assert_rows_and_objects_agree(cloud: Cloud, besides: Collection[str] = ()) -> None:
    """In this run and all before it, no image is lost and none is left over."""
    saved = {address(file.store_key): file for file in File.objects.filter(state=FileState.PERMANENT)}
    assert {at for at in cloud.assets if at[1] not in besides} == saved.keys()
    assert [file for at, file in saved.items() if not tells(file, cloud.assets[at])] == []


def assert_attempts_are_bounded(case: CloudCase) -> None:
    """One more call for each that failed, and one lookup where it may have taken effect all the same."""
    struck, cloud = case.struck, case.cloud
    # A rename that took effect is detected by looking, and one of a released file is not repeated.
    assert 0 < struck <= case.times
    assert struck == case.times or case.verb == "rename" or case.spare()
    per_strike = {"upload": 1, "rename": 1, "destroy": 2}[case.verb]
    assert len(cloud.calls(case.verb)) <= FILES + per_strike * struck + case.spare()
    assert len(cloud.calls("explicit")) <= struck + case.spare()
    assert len(cloud.calls()) <= 4 * (FILES + struck)


# --- Listing


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_listing_that_fails_is_told_and_misleads_nobody(
    cloud: Cloud,
    make_driver: Callable[[], Driver],
    service_clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    counted: Counted,
    report: Callable[[object], None],
):
    monkeypatch.setattr("uploads.stores.cloudinary.store.PAGE", 2)
    seeds = seeds_of(fault, counted)
    most = 0
    for seed in seeds:
        cloud.plan.admin_calls_per_hour += 500
        most = max(most, reconciled(CloudCase(make_driver(), service_clock, cloud, "list", seed), make_driver(), fault))
        cloud.check()
    report(f"{len(seeds)} runs, none lost, none left, at most {most} looks")


def reconciled(case: CloudCase, other: Driver, fault: Fault) -> int:
    """Reconcile until a run reaches its end, beside the `other` draft that is open; return how many runs that took."""
    cloud = case.cloud
    saved = case.upload()
    case.end(saved)
    case.present = True
    other.connect(case.process)
    waiting = other.file(other.store("1.jpg", picture(seed=1)))
    orphans = [temp_key(), temp_key(), temp_key(file=saved[0])]
    for key in orphans:
        current_store().put(key, BytesIO(picture()), "image/jpeg")
    for asset in cloud.assets.values():
        asset.created_at = case.clock.now_ms / 1000 - DAY
    case.times = min(case.times, 3)
    fault(case)
    cloud.faults[0].after = case.luck.randint(0, 4)

    looks = 1
    while look_and_clean(case, orphans):
        looks += 1
    assert case.struck == case.times
    assert looks <= 1 + case.times + case.spare()
    case.land()
    case.settle(StoreJob.objects.exists)

    (mark,) = [public_id for public_id in cloud.ids("media/temp_product_files/") if "-mark-" in public_id]
    assert_rows_and_objects_agree(cloud, [mark, address(waiting.store_key)[1]])
    lifecycle.discard(other.id, other.user)
    run_jobs()
    return looks


def look_and_clean(case: CloudCase, orphans: list[str]) -> bool:
    """Reconcile once; return whether it was cut short, which it must report whenever a call failed."""
    struck, asked, there = case.struck, len(case.cloud.calls("list")), len(case.cloud.assets)
    found = scan()
    failed = case.struck - struck
    assert failed <= 1
    assert len(case.cloud.calls("list")) - asked <= there // 2 + 4
    assert bool(found.cut) == bool(failed) or (found.cut and case.spare())
    assert found.dangling == []
    assert {one.listed.key for one in found.of(Classification.ORPHAN)} <= {*orphans}
    done = clean(found, trust=True, confirmed=len(orphans))
    assert done.stop is None
    run_jobs()
    wanted = File.objects.exclude(state__in=[FileState.DELETING, FileState.DELETED])
    assert [file.name for file in wanted if not case.holds(file)] == []
    return bool(found.cut)
