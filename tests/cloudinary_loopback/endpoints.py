"""Every endpoint of the service that this server has, with the parameters it knows there (official reference)."""

from __future__ import annotations

from tests.cloudinary_loopback import (
    account,
    changing,
    chunks,
    definitions,
    deleting,
    details,
    labels,
    listing,
    search,
    uploading,
)
from tests.cloudinary_loopback.routes import Endpoint


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


ASYNC = _names("notification_url batch_id")
UPLOADED = ASYNC | _names(
    "allowed_formats asset_folder async backup background_removal categorization context custom_coordinates detection"
    " display_name eager eval face_coordinates faces filename_override folder format invalidate metadata moderation"
    " overwrite phash public_id public_id_prefix quality_analysis raw_convert responsive_breakpoints"
    " return_delete_token tags transformation type unique_filename upload_preset use_asset_folder_as_public_id_prefix"
    " use_filename use_filename_as_display_name"
)
UPLOADED_IDLE = _names(
    "access_control accessibility_analysis auto_chaptering auto_tagging auto_transcription callback"
    " cinemagraph_analysis colors discard_original_filename eager_async eager_notification_url exif headers"
    " image_metadata media_metadata ocr on_success proxy quality_override regions similarity_search"
    " unique_display_name visual_search"
)
EXPLAINED = ASYNC | _names(
    "asset_folder background_removal categorization context custom_coordinates detection display_name eager"
    " face_coordinates faces invalidate metadata phash public_id quality_analysis raw_convert responsive_breakpoints"
    " tags type"
)
PAGED = _names("max_results next_cursor direction start_at fields tags context metadata moderation")
DETAILED = _names("quality_analysis faces phash coordinates")
DETAILED_IDLE = _names(
    "accessibility_analysis cinemagraph_analysis colors derived_next_cursor exif image_metadata max_results"
    " media_metadata pages related related_next_cursor versions"
)
UPDATED = _names(
    "asset_folder background_removal categorization context detection display_name metadata moderation_status"
    " raw_convert tags"
)
BULK = _names("keep_original invalidate next_cursor")
ASSET = "resources/{rt}/{type}/{rest}"

UPLOAD_API = [
    Endpoint("upload", "POST", "{rt_or_auto}/upload", chunks.upload, "upload", UPLOADED, UPLOADED_IDLE),
    Endpoint("upload_chunk", "POST", "{rt_or_auto}/upload_chunked", chunks.upload, "upload", UPLOADED, UPLOADED_IDLE),
    Endpoint(
        "explicit", "POST", "{rt}/explicit", changing.explicit, "upload", EXPLAINED, UPLOADED | UPLOADED_IDLE
    ),
    Endpoint(
        "rename", "POST", "{rt}/rename", changing.rename, "upload",
        ASYNC | _names("from_public_id to_public_id type to_type overwrite invalidate context metadata tags"),
    ),
    Endpoint(
        "destroy", "POST", "{rt}/destroy", changing.destroy, "upload", ASYNC | _names("public_id type invalidate")
    ),
    Endpoint(
        "destroy", "POST", "asset/destroy", changing.destroy_by_asset_id, "upload",
        ASYNC | _names("asset_id invalidate"),
    ),
    # Measured: the SDK signs neither address nor batch of the notification here.
    Endpoint("tags", "POST", "{rt}/tags", labels.tags, "upload", _names("tag command public_ids type"), aside=ASYNC),
    Endpoint(
        "context", "POST", "{rt}/context", labels.context, "upload",
        _names("context command public_ids type"), aside=ASYNC,
    ),
    Endpoint(
        "metadata", "POST", "{rt}/metadata", labels.change_metadata, "upload",
        _names("metadata public_ids type"), _names("clear_invalid"), ASYNC,
    ),
    Endpoint(
        "text", "POST", "image/text", uploading.make_text, "upload", _names("text public_id font_size"),
        _names("font_family font_color text_align font_weight font_style background opacity text_decoration"),
    ),
    Endpoint("delete_by_token", "POST", "delete_by_token", changing.delete_by_token, "open", _names("token")),
    Endpoint(
        "download", "GET", "{rt}/download", changing.download, "upload",
        _names("public_id type expires_at attachment"), _names("format"),
    ),
]  # fmt: skip

ASSETS = [
    Endpoint("list", "GET", "resources", account.resource_types, "admin"),
    Endpoint("list", "GET", "resources/by_asset_ids", listing.by_asset_ids, "admin", PAGED | _names("asset_ids")),
    Endpoint(
        "list", "GET", "resources/by_asset_folder", listing.by_asset_folder, "admin", PAGED | _names("asset_folder")
    ),
    Endpoint("list", "GET", "resources/{rt}/tags/{tag}", listing.by_tag, "admin", PAGED),
    Endpoint("list", "GET", "resources/{rt}/context", listing.by_context, "admin", PAGED | _names("key value")),
    Endpoint("list", "GET", "resources/{rt}/moderations/{kind}/{status}", listing.by_moderation, "admin", PAGED),
    Endpoint("list", "GET", "resources/{rt}", listing.by_type, "admin", PAGED | _names("public_ids prefix")),
    Endpoint("list", "GET", "resources/{rt}/{type}", listing.by_type, "admin", PAGED | _names("public_ids prefix")),
    Endpoint("detail", "GET", "resources/{asset}", details.of_asset_id, "admin", DETAILED, DETAILED_IDLE),
    Endpoint("detail", "GET", ASSET, details.of_address, "admin", DETAILED, DETAILED_IDLE),
    Endpoint(
        "restore", "POST", "resources/{rt}/{type}/restore", deleting.restore, "admin", _names("public_ids"),
        _names("versions"),
    ),
    Endpoint(
        "search", "POST", "resources/search", search.search, "admin",
        _names("expression max_results next_cursor"), _names("sort_by with_field fields aggregate"),
    ),
    Endpoint("update", "POST", ASSET, details.update, "admin", UPDATED, UPLOADED_IDLE | ASYNC),
    Endpoint("bulk_delete", "DELETE", "resources", deleting.by_asset_ids, "admin", BULK | _names("asset_ids")),
    Endpoint(
        "bulk_delete", "DELETE", "resources/{rt}/tags/{tag}", deleting.by_tag, "admin", BULK,
        _names("transformations"),
    ),
    Endpoint(
        "bulk_delete", "DELETE", "resources/{rt}/{type}", deleting.by_type, "admin",
        BULK | _names("public_ids prefix all"), _names("transformations"),
    ),
]  # fmt: skip

ACCOUNT = [
    Endpoint("ping", "GET", "ping", account.ping, "admin"),
    Endpoint("config", "GET", "config", account.config, "admin", _names("settings")),
    Endpoint("usage", "GET", "usage", account.usage, "admin"),
    Endpoint("usage", "GET", "usage/{date}", account.usage, "admin"),
    Endpoint("folders", "GET", "folders", account.folders, "admin", idle=_names("max_results next_cursor")),
    Endpoint("folders", "GET", "folders/{rest}", account.folders, "admin", idle=_names("max_results next_cursor")),
    Endpoint("folders", "POST", "folders/{rest}", account.make_folder, "admin"),
    Endpoint("folders", "PUT", "folders/{rest}", account.rename_folder, "admin", _names("to_folder")),
    Endpoint("folders", "DELETE", "folders/{rest}", account.delete_folder, "admin", idle=_names("skip_backup")),
]

PRESET = UPLOADED | UPLOADED_IDLE | _names("name unsigned live disallow_public_id settings")
NAMED = _names("transformation name")
FIELD = _names("external_id label type default_value datasource mandatory validation restrictions")
DEFINITIONS = [
    Endpoint("presets", "GET", "upload_presets", definitions.presets, "admin"),
    Endpoint("presets", "POST", "upload_presets", definitions.make_preset, "admin", PRESET),
    Endpoint("presets", "GET", "upload_presets/{name}", definitions.preset, "admin"),
    Endpoint("presets", "PUT", "upload_presets/{name}", definitions.change_preset, "admin", PRESET),
    Endpoint("presets", "DELETE", "upload_presets/{name}", definitions.delete_preset, "admin"),
    Endpoint("metadata_fields", "GET", "metadata_fields", definitions.metadata_fields, "admin"),
    Endpoint("metadata_fields", "POST", "metadata_fields", definitions.make_metadata_field, "admin", FIELD),
    Endpoint("metadata_fields", "DELETE", "metadata_fields/{name}", definitions.delete_metadata_field, "admin"),
    Endpoint(
        "transformations", "GET", "transformations", definitions.transformations, "admin", _names("transformation"),
        _names("max_results next_cursor named"),
    ),
    Endpoint("transformations", "POST", "transformations", definitions.make_transformation, "admin", NAMED),
    Endpoint(
        "transformations", "PUT", "transformations", definitions.change_transformation, "admin",
        _names("transformation unsafe_update"), _names("allowed_for_strict"),
    ),
    Endpoint(
        "transformations", "DELETE", "transformations", definitions.delete_transformation, "admin",
        _names("transformation"), _names("invalidate"),
    ),
    Endpoint("mappings", "GET", "upload_mappings", definitions.mappings, "admin", _names("folder"), PAGED),
    Endpoint("mappings", "POST", "upload_mappings", definitions.make_mapping, "admin", _names("folder template")),
    Endpoint("mappings", "PUT", "upload_mappings", definitions.change_mapping, "admin", _names("folder template")),
    Endpoint("mappings", "DELETE", "upload_mappings", definitions.delete_mapping, "admin", _names("folder")),
]  # fmt: skip

ENDPOINTS = [*UPLOAD_API, *ASSETS, *ACCOUNT, *DEFINITIONS]


def find(method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
    """The endpoint of a path behind ``/v1_1/{cloud}/``, and what stood at its places."""
    for endpoint in ENDPOINTS:
        if (place := endpoint.place(method, path)) is not None:
            return endpoint, place
    return None
