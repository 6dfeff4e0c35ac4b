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
        edits=(("stripper.write(copy, clean)", "stripper.write(Path(path).read_bytes(), clean)"),),
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
        module="uploads.jobs.checking",
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
        module="uploads.jobs.checking",
        edits=(
            ("file.state == FileState.STORING and file.stored_sha256 and", "file.state == FileState.STORING and"),
            (
                "return Copy(file.stored_size or 0, file.stored_sha256)",
                "made = spool.clean_path(file.pk).read_bytes()\n"
                "        return Copy(len(made), __import__('hashlib').sha256(made).hexdigest())",
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
        edits=(('    _require("spool", size, Use(use["spool"], use["own_spool"]), limits.max_spool_bytes)\n', ""),),
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
        module="uploads.jobs.checking",
        edits=(("        spool.require_room(2 * (file.size + (room.SMALL_BYTES if widths else 0)))\n", ""),),
        killer="uploads.files.test_admission::test_an_image_is_not_copied_into_the_reserve_and_can_be_retried",
    ),
    Mutant(
        id="S15-spool-modes",
        error="directories made above the spool have the mode of the umask",
        module="uploads.spool",
        edits=(("missing.mkdir(mode=0o700, exist_ok=True)", "missing.mkdir(exist_ok=True)"),),
        killer="uploads.test_spool::test_the_spool_is_closed_to_others",
    ),
    Mutant(
        id="S15-writer-modes",
        error="a spool has the mode of the umask",
        module="uploads.spool",
        edits=(("os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600", "os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644"),),
        killer="uploads.test_spool::test_the_spool_is_closed_to_others",
    ),
    Mutant(
        id="S15-database-mode",
        error="SQLite makes the database, readable by everybody",
        module="erp.launch.private_files",
        edits=(("os.O_EXCL, FILE))", "os.O_EXCL, 0o644))"), ("        _shut_out_others(written)", "        pass")),
        killer="erp.launch.test_private_files::test_a_file_is_private_from_its_first_byte",
    ),
    Mutant(
        id="S15-older-modes",
        error="what an earlier version left open stays open",
        module="erp.launch.private_files",
        edits=(("path.chmod(mode & ~OTHERS)", "pass"),),
        killer="erp.launch.test_private_files::"
        "test_what_an_earlier_version_left_open_is_closed_to_others_and_nothing_is_lost",
    ),
    Mutant(
        id="S15-parents",
        error="directories made above those of the ERP have the mode of the umask",
        module="erp.launch.private_files",
        edits=(("        private_directory(path.parent)\n", "        path.parent.mkdir(parents=True)\n"),),
        killer="erp.launch.test_private_files::test_a_directory_and_all_made_above_it_are_their_owners_alone",
    ),
    Mutant(
        id="S11-client-key",
        error="the key of an object holds what the client calls the file",
        module="uploads.files.operations",
        edits=(
            (
                "upload_settings().instance, request.id, extension)",
                "upload_settings().instance, request.name, extension)",
            ),
        ),
        killer="verification.test_client_chosen_names::"
        "test_however_a_uuid_is_written_its_key_and_its_spool_have_one_form",
    ),
    Mutant(
        id="S23-hidden",
        error="a name may turn the direction of what follows",
        module="uploads.core.names",
        edits=(("return unicodedata.category(c) in _HIDDEN and c not in _SHOWN_SIGNS", "return False"),),
        killer="uploads.core.test_names::test_nothing_in_a_name_turns_hides_or_ends_what_is_shown",
    ),
    Mutant(
        id="S23-blank",
        error="a name may show nothing at all",
        module="uploads.core.names",
        edits=(("if c in _BLANK or _NOTHING", "if _NOTHING"),),
        killer="uploads.core.test_names::test_nothing_in_a_name_turns_hides_or_ends_what_is_shown",
    ),
    Mutant(
        id="S23-joiner",
        error="letters without a width hide wherever they stand",
        module="uploads.core.names",
        edits=(("if at in joining or not", "if c in '\\u200c\\u200d' or not"),),
        killer="uploads.core.test_names::test_nothing_in_a_name_turns_hides_or_ends_what_is_shown",
    ),
    Mutant(
        id="S23-path",
        error="a name may look like a path",
        module="uploads.core.names",
        edits=(('base = re.split(r"[/\\\\]", normal)[-1]', "base = normal"),),
        killer="uploads.core.test_names::test_nothing_in_a_name_turns_hides_or_ends_what_is_shown",
    ),
    Mutant(
        id="S23-length",
        error="a name is as long as the client likes",
        module="uploads.core.names",
        edits=(('return _cut(_visible(base).strip(" .")).strip(" .")', 'return _visible(base).strip(" .")'),),
        killer="uploads.core.test_names::test_a_name_of_ten_thousand_characters_is_cut",
    ),
    Mutant(
        id="S25-open-file",
        error="a store takes whatever it is given",
        module="uploads.stores.base",
        edits=(('if not callable(read) or read(0) != b"":', "if False:"),),
        killer="uploads.stores.test_base::test_the_store_in_force_takes_no_address_and_no_path",
    ),
    Mutant(
        id="S25-wrapper",
        error="the store of Django's storages does not look at what it is given",
        module="uploads.stores.django_storage",
        edits=(("        require_open(content)\n", ""),),
        killer="uploads.stores.test_base::test_the_store_in_force_takes_no_address_and_no_path",
    ),
    Mutant(
        id="S27-charset",
        error="a public id may end in anything",
        module="uploads.stores.cloudinary.names",
        edits=(("not _ID.fullmatch(stem)", "not _ID.match(stem)"),),
        killer="uploads.stores.cloudinary.test_names::test_no_key_smuggles_a_parameter_a_line_or_a_step_upwards",
    ),
    Mutant(
        id="S32-dry-run",
        error="a reconciliation deletes without being asked to",
        module="uploads.management.commands.uploads_reconcile",
        edits=(('cleanup.clean if options["delete"] else _would', "cleanup.clean"),),
        killer="uploads.management.commands.test_uploads_reconcile::test_without_a_flag_nothing_is_changed",
    ),
]
