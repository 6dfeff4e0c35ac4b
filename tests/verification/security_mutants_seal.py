"""Planted errors of stored bytes, room on the disk, names and keys; the ids begin with their row of S1-S34."""

from __future__ import annotations

from tests.verification.mutants import Mutant

ROOM = "uploads.files.test_admission::"
SEALED = "verification.test_sealed_files::"

MUTANTS = [
    Mutant(
        id="S21-second-read",
        error="the copy is made of what lies in the spool after the image was decoded",
        module="uploads.images.checker",
        edits=(("stripper.strip(content, clean,", "stripper.strip(Path(path).read_bytes(), clean,"),),
        killer=SEALED + "test_bytes_that_change_between_decoding_and_copying_reach_nothing",
    ),
    Mutant(
        id="S21-source-hash",
        error="whatever lies in the spool is checked and stored, under the hash of what was finished",
        module="uploads.images.checker",
        edits=(("if hashlib.sha256(content).hexdigest() != sha256:", "if False:"),),
        killer=SEALED + "test_bytes_that_change_between_finish_and_check_are_not_stored",
    ),
    Mutant(
        id="S21-lost-bytes",
        error="bytes that are not those that were finished are kept, so that each retry fails like the first",
        module="uploads.jobs.effects",
        edits=(("        spool.drop(file.pk)\n        raise", "        raise"),),
        killer=SEALED + "test_bytes_that_change_between_finish_and_check_are_not_stored",
    ),
    Mutant(
        id="S21-copy-hash",
        error="whatever lies under the copy's name is sent to the store",
        module="uploads.jobs.effects",
        edits=(('if hashlib.file_digest(content, "sha256").hexdigest() != copy.sha256:', "if False:"),),
        killer=SEALED + "test_a_copy_that_is_not_the_checked_one_is_not_stored_and_made_again",
    ),
    Mutant(
        id="S21-wrong-copy",
        error="a copy that is not the checked one stays, so that each retry fails like the first",
        module="uploads.jobs.effects",
        edits=(("            path.unlink()\n", ""),),
        killer=SEALED + "test_a_copy_that_is_not_the_checked_one_is_not_stored_and_made_again",
    ),
    Mutant(
        id="S21-unhashed-copy",
        error="a copy of which nobody wrote down the hash is believed",
        module="uploads.jobs.effects",
        edits=(
            ("file.state == FileState.STORING and file.stored_sha256 and", "file.state == FileState.STORING and"),
            (
                '    with path.open("rb") as content:\n',
                '    with path.open("rb") as content:\n'
                '        copy = Copy(path.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())\n'
                "        content.seek(0)\n",
            ),
        ),
        killer=SEALED + "test_a_copy_that_the_version_before_made_is_not_believed",
    ),
    Mutant(
        id="S13-lock",
        error="room is counted without a lock: what two adds find free is promised to both",
        module="uploads.files.admission",
        edits=(
            (
                "    StorageRoom.objects.select_for_update().get_or_create(pk=1)\n",
                "    __import__('time').sleep(0.01)\n",
            ),
        ),
        killer=ROOM + "test_of_fifty_adds_at_once_for_the_last_room_exactly_one_succeeds",
        engine="postgresql",
    ),
    Mutant(
        id="S13-spool-quota",
        error="the spool of the installation has no limit",
        module="uploads.files.admission",
        edits=(("min(limits.max_spool_bytes, disk_room(limits, spool.disk()))", "disk_room(limits, spool.disk())"),),
        killer=ROOM + "test_no_user_gets_the_room_of_all_others",
    ),
    Mutant(
        id="S13-temp-quota",
        error="what is stored and not saved has no limit",
        module="uploads.files.admission",
        edits=(('    _require("temp folder", size, Use(use["temp"], use["own_temp"]), limits.max_temp_bytes)\n', ""),),
        killer=ROOM + "test_what_is_stored_and_not_saved_counts_against_the_temp_folder",
    ),
    Mutant(
        id="S13-fair-share",
        error="one user may have all room there is",
        module="uploads.core.room",
        edits=(("return (use.own + size) <= room - (use.all + size)", "return size <= room - use.all"),),
        killer=ROOM + "test_no_user_gets_the_room_of_all_others",
    ),
    Mutant(
        id="S15-floor",
        error="the whole disk is promised",
        module="uploads.core.room",
        edits=(("disk.spooled - floor)", "disk.spooled)"),),
        killer="uploads.core.test_room::test_of_a_large_disk_a_part_and_of_a_small_one_the_reserve_is_left_alone",
    ),
    Mutant(
        id="S15-writer",
        error="what is received may use up the room of the database",
        module="uploads.spool",
        edits=(("            _keep_reserve(os.fstatvfs(self._descriptor), len(rest))\n", ""),),
        killer="uploads.files.test_admission::test_writing_stops_before_the_reserve_of_the_database",
    ),
    Mutant(
        id="S15-copy",
        error="copies of images may use up the room of the database",
        module="uploads.jobs.effects",
        edits=(("        spool.require_room(2 * file.size)\n", ""),),
        killer="uploads.files.test_admission::test_an_image_is_not_copied_into_the_reserve_and_can_be_retried",
    ),
]
