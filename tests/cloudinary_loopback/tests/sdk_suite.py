"""The vendor's own live tests, against the loopback server.

    python -m tests.cloudinary_loopback.tests.sdk_suite PATH_TO_CHECKOUT

PATH is a checkout of github.com/cloudinary/pycloudinary (tests of tag 1.46.0; they run with the installed SDK). The
tests named in `PINNED` must pass, every one, none skipped. Their other tests do not talk to a server, or ask for what
this one does not have.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cloudinary_loopback.server import CloudinaryServer

REMOTE_IMAGE = "cloudinary.com/images/old_logo.png"
"""What the tests upload by URL; the server is given their own copy of it."""

PINNED = {
    "test_uploader": """
        test_add_context test_allowed_formats test_allowed_formats_with_format test_allowed_formats_with_illegal_format
        test_background_removal test_categorization test_context test_detection test_eager test_eval_upload_parameter
        test_explicit test_explicit_error_handling_not_found test_explicit_responsive_breakpoints_cache
        test_explicit_with_metadata test_face_coordinates test_header test_manual_moderation test_multiple_tags
        test_quality_analysis test_raw_conversion test_remove_all_context test_remove_all_tags test_rename
        test_responsive_breakpoints test_tags test_text test_update_metadata test_upload test_upload_custom_filename
        test_upload_data_uri test_upload_file_io_without_filename test_upload_filename_override test_upload_large
        test_upload_large_file_io test_upload_large_url test_upload_path_lib_path
        test_upload_responsive_breakpoints_cache test_upload_timeout test_upload_unicode_filename
        test_upload_unicode_url test_upload_url test_upload_with_metadata test_uploader_update_metadata
        test_uploader_update_metadata_on_multiple_resources test_use_filename
    """,
    "test_api": """
        test01_resource_types test03_resources_cursor test07_b_resource_by_asset_id test07_resource_metadata
        test07a_resource_quality_analysis test12_transformations test13_transformation_metadata
        test15a_transformation_unsafe_update test16_transformation_delete test18_usage test18a_usage_by_date
        test20_manual_moderation test22_raw_conversion test23_categorization test24_detection
        test32_background_removal test_config test_resources_by_context test_response_metadata test_restore
        test_structured_metadata_in_resources_api test_structured_metadata_in_resources_by_context_api
        test_structured_metadata_in_resources_by_moderation_api test_structured_metadata_in_resources_by_tag_api
        test_upload_mapping
    """,
}
CASES = {"test_uploader": "UploaderTest", "test_api": "ApiTest"}


def named() -> list[str]:
    """The pinned tests as pytest names them."""
    return [f"test/{module}.py::{CASES[module]}::{name}" for module, names in PINNED.items() for name in names.split()]


def run(checkout: Path) -> int:
    """Run them against a server of their own; pytest's exit code, and 1 when one was skipped."""
    server = CloudinaryServer().start()
    for scheme in ("http", "https"):
        server.remote_files[f"{scheme}://{REMOTE_IMAGE}"] = checkout / "test/resources/logo.png"
    cloud = server.cloud("test123")
    # One of the tests waits a millisecond for an upload and wants that to be too short, as on any real network.
    cloud.fail("upload", "delay", seconds=0.02, times=1_000_000)
    try:
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "test").symlink_to((checkout / "test").resolve())
            environment = {**os.environ, "CLOUDINARY_URL": cloud.url, "CLD_TEST_ADDONS": "none"}
            ran = subprocess.run(_command(), cwd=place, env=environment, stdout=subprocess.PIPE, text=True)
    finally:
        server.stop()
    print(ran.stdout)
    return ran.returncode or int(f"{len(named())} passed" not in ran.stdout)


def _command() -> list[str]:
    """Their tests find their files below the folder they run in, and `test` as a package there."""
    options = ["-c", "/dev/null", "--rootdir=.", "-p", "no:cacheprovider", "-p", "no:django", "-v", "--tb=short"]
    return [sys.executable, "-m", "pytest", *options, *named()]


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
