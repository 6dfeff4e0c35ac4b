"""The eighteen original planted errors: ten found by searching the design's state space, eight in code."""

from __future__ import annotations

from tests.verification.mutants import Mutant

PAUSE = "    __import__('time').sleep(0.01)\n"
READS_LIMITS = "        limits, created_at = upload_settings().limits, timezone.now()\n"
"""Between the check and the action, so that a race exposes the error every time and not just often."""

MUTANTS = [
    Mutant(
        id="M1",
        error="the clock runs while nobody could have reconnected",
        module="uploads.core.service_time",
        edits=(
            ("step = min(max(silence, 0), STEP_CAP_MS)", "step = max(silence, 0)"),
            ("s_ms + min(max(now_ms - last_ms, 0), STEP_CAP_MS)", "s_ms + max(now_ms - last_ms, 0)"),
        ),
        killer="uploads.presence.test_sockets::test_an_outage_lapses_no_lease",
    ),
    Mutant(
        id="M2",
        error="a reconnect inserts its socket and leaves the draft's row alone",
        module="uploads.presence.sockets",
        edits=(("advance_locked(draft, DraftEvent.CONNECT, deadline_ms=None, grace_since_ms=None)", "pass"),),
        killer="uploads.runtime.test_heartbeat::test_a_tab_that_came_back_in_the_last_moment_is_not_swept",
    ),
    Mutant(
        id="M3",
        error="a woken process renews a lease that had lapsed",
        module="uploads.presence.sockets",
        edits=(
            (
                "alive = Process.objects.filter(pk=process_id, lease_ms__gte=s_ms)",
                "alive = Process.objects.filter(pk=process_id)",
            ),
        ),
        killer="uploads.presence.test_sockets::test_a_lease_is_renewed_while_it_holds_and_never_after",
    ),
    Mutant(
        id="M4",
        error="expiry trusts what it saw of the draft before and asks for nothing when it acts",
        module="uploads.expiry.sweeper",
        edits=(
            ("        if overdue.select_for_update(skip_locked=True).first() is None:\n            return False\n", ""),
            ('        if not overdue.update(revision=F("revision") + 1):\n            return False\n', ""),
            (
                "        draft = Draft.objects.get(pk=draft_id)\n",
                "        Draft.objects.filter(pk=draft_id).update(state=DraftState.GRACE)\n"
                "        draft = Draft.objects.get(pk=draft_id)\n",
            ),
        ),
        killer="uploads.expiry.test_sweeper::"
        "test_a_save_between_the_look_for_overdue_drafts_and_their_expiry_keeps_every_byte",
    ),
    Mutant(
        id="M5",
        error="the object is written before the row that names it",
        module="uploads.files.http_upload",
        edits=(
            (
                "        with sockets.temporary_worker() as process:\n",
                "        from uploads.stores.registry import current_store\n"
                "        with spool.path_of(file_id, 1).open('rb') as content:\n"
                "            key = f'media/temp_product_files/early/{file_id}.jpg'\n"
                "            current_store().put(key, content, 'image/jpeg')\n"
                "        with sockets.temporary_worker() as process:\n",
            ),
        ),
        killer="uploads.files.test_http_upload::test_an_unknown_variant_leaves_nothing_behind",
    ),
    Mutant(
        id="M6",
        error="the bytes are deleted before the database decided it",
        module="uploads.expiry.sweeper",
        edits=(
            (
                "    with transaction.atomic():\n        s_ms = clock.service_now()\n        overdue =",
                "    from uploads.stores.registry import current_store\n"
                "    for file in File.objects.filter(draft=draft_id):\n"
                "        current_store().destroy(file.store_key)\n"
                "    with transaction.atomic():\n        s_ms = clock.service_now()\n        overdue =",
            ),
        ),
        killer="uploads.expiry.test_sweeper::test_a_save_between_the_look_for_overdue_drafts_and_their_expiry_keeps_every_byte",
    ),
    Mutant(
        id="M7",
        error="tidying takes bytes for unwanted that wait to be stored",
        module="uploads.expiry.sweeper",
        edits=(("state__in=states.SPOOLED)", 'state="receiving")'),),
        killer="uploads.expiry.test_sweeper::test_the_spool_of_a_file_that_is_still_wanted_stays_however_old",
    ),
    Mutant(
        id="M8",
        error="an object that lands after its delete is left",
        module="uploads.jobs.effects",
        edits=(("        if not stored:\n            destroy_if_unwanted(file, job.key)\n", ""),),
        killer="uploads.jobs.test_runner::test_a_put_that_lands_after_the_delete_leaves_nothing_in_the_store",
    ),
    Mutant(
        id="M9",
        error="nobody looks after the sockets of a process that died",
        module="uploads.presence.sockets",
        edits=(
            (
                "    return sum(_close_lapsed_in(draft_id) for",
                "    return 0\n    return sum(_close_lapsed_in(draft_id) for",
            ),
        ),
        killer="uploads.expiry.test_sweeper::test_a_killed_process_costs_its_lease_and_then_the_grace_of_a_loss",
    ),
    Mutant(
        id="M10",
        error="a promotion that was done, its answer lost, counts as failed for want of its source",
        module="uploads.stores.django_storage",
        edits=(
            (
                "            if not self._storage.exists(to):\n                raise StoreError",
                "            if True:\n                raise StoreError",
            ),
        ),
        killer="uploads.jobs.test_promote::test_a_promotion_that_took_its_source_away_before_its_answer_was_lost_is_found_done",
    ),
    Mutant(
        id="M11",
        error="the last one out looks round before it has closed the door",
        module="uploads.presence.sockets",
        edits=(
            (
                "    with transaction.atomic():\n        # Lock the draft row first",
                "    others = live_sockets(clock.service_now()).filter(draft=draft_id).exclude(pk=socket_id).exists()\n"
                f"{PAUSE}"
                "    if others:\n"
                "        Socket.objects.filter(pk=socket_id).update(closed_ms=clock.service_now())\n"
                "        return\n"
                "    with transaction.atomic():\n        # Lock the draft row first",
            ),
        ),
        killer="uploads.presence.test_races::test_two_tabs_that_close_together_always_start_one_grace",
    ),
    Mutant(
        id="M12",
        error="expiry guards itself by NOT EXISTS over the sockets",
        module="uploads.expiry.sweeper",
        edits=(
            (
                "overdue = _overdue(s_ms).filter(pk=draft_id)\n        # A locked draft",
                "from django.db.models import Exists, OuterRef\n        overdue = "
                "Draft.objects.filter(~Exists(sockets.live_sockets(s_ms).filter(draft=OuterRef('pk'))), pk=draft_id)\n"
                "        # A locked draft",
            ),
            ("        if overdue.select_for_update(skip_locked=True).first() is None:\n            return False\n", ""),
            (
                "        draft = Draft.objects.get(pk=draft_id)\n",
                "        Draft.objects.filter(pk=draft_id).update(state=DraftState.GRACE)\n"
                "        draft = Draft.objects.get(pk=draft_id)\n",
            ),
        ),
        killer="uploads.presence.test_races::test_a_reconnect_and_an_expiry_have_one_winner",
        engine="postgresql",
    ),
    Mutant(
        id="M13",
        error="what is to be done after COMMIT is remembered by the process instead of the database",
        module="uploads.stores.enqueue",
        edits=(
            (
                "    StoreJob.objects.bulk_create(jobs)\n",
                "    jobs = list(jobs)\n    transaction.on_commit(partial(StoreJob.objects.bulk_create, jobs))\n",
            ),
        ),
        killer="uploads.drafts.test_lifecycle::test_what_is_to_be_deleted_outlives_a_process_that_dies_right_after_deciding_it",
    ),
    Mutant(
        id="M14",
        error="deadlines are wall clock",
        module="uploads.grace.clock",
        edits=(
            (
                "    clock = _row()\n    return service_time.service_now(clock.s_ms, clock.last_ms, database_now_ms())",
                "    return database_now_ms()",
            ),
        ),
        killer="uploads.expiry.test_sweeper::test_an_outage_expires_nothing",
    ),
    Mutant(
        id="M15",
        error="bytes are acknowledged before they are written",
        module="uploads.spool",
        edits=(
            (
                "        self._append(payload)\n        if not self.path.exists()",
                "        self.offset += len(payload)\n        if not self.path.exists()",
            ),
        ),
        killer="uploads.test_spool::test_a_written_byte_is_on_disk_before_it_is_acknowledged",
    ),
    Mutant(
        id="M16",
        error="a short write counts as a whole one",
        module="uploads.spool",
        edits=(
            (
                "                self.offset += written\n                rest = rest[written:]\n",
                "                self.offset += len(rest)\n                return\n",
            ),
        ),
        killer="uploads.test_spool::test_a_full_disk_is_said_and_what_was_written_counts",
    ),
    Mutant(
        id="M17",
        error="a quota is read first and used up later",
        module="uploads.drafts.lifecycle",
        edits=(
            (
                "        get_user_model()._default_manager.select_for_update().get(pk=user.pk)\n        yield\n",
                "        pass\n    yield\n",
            ),
            (f"    with transaction.atomic():\n{READS_LIMITS}", f"    if True:\n    {PAUSE}{READS_LIMITS}"),
        ),
        killer="uploads.drafts.test_lifecycle::test_two_pages_at_once_cannot_both_open_the_last_draft_allowed",
    ),
    Mutant(
        id="M18",
        error="a draft is saved without a claim that only one save can win",
        module="uploads.drafts.commit",
        edits=(
            (
                "    with transaction.atomic(), lifecycle.changing(draft_id, user) as draft:\n"
                "        yield Commit(draft, user)\n",
                "    draft = Draft.objects.get(pk=draft_id)\n    yield Commit(draft, user)\n",
            ),
        ),
        killer="uploads.expiry.test_sweeper::test_a_double_save_makes_one_product_and_both_learn_its_page",
    ),
]
