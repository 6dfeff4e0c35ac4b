"""What an account defines: upload presets, metadata fields, named transformations, upload mappings."""

from __future__ import annotations

from typing import Any

from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import flag, text
from tests.cloudinary_loopback.refusals import Refused, missing, not_found
from tests.cloudinary_loopback.routes import Request
from tests.cloudinary_loopback.transformations import described, parsed, split_format

FIELD_TYPES = ("string", "integer", "date", "enum", "set")

# --- Upload presets


def presets(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET upload_presets"""
    return {"presets": list(cloud.presets.values())}


def preset(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET upload_presets/{name}"""
    return _known(cloud.presets, request.place["name"])


def make_preset(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST upload_presets"""
    name = text(request.parameters, "name") or cloud.token(8)
    if name in cloud.presets:
        raise Refused(409, f"Upload preset {name} already exists")
    cloud.presets[name] = {
        "name": name,
        "unsigned": flag(request.parameters, "unsigned"),
        "settings": _settings(request),
    }
    return {"message": "created", "name": name}


def change_preset(cloud: Cloud, request: Request) -> dict[str, Any]:
    """PUT upload_presets/{name}"""
    known = _known(cloud.presets, request.place["name"])
    known["settings"] |= _settings(request)
    known["unsigned"] = flag(request.parameters, "unsigned", known["unsigned"])
    return {"message": "updated"}


def delete_preset(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE upload_presets/{name}"""
    _known(cloud.presets, request.place["name"])
    del cloud.presets[request.place["name"]]
    return {"message": "deleted"}


def _settings(request: Request) -> dict[str, Any]:
    sent = request.document or request.parameters
    return {name: value for name, value in sent.items() if name not in ("name", "unsigned", "live")}


# --- Structured metadata


def metadata_fields(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET metadata_fields"""
    return {"metadata_fields": list(cloud.metadata_fields.values())}


def make_metadata_field(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST metadata_fields"""
    field = dict(request.document)
    field.setdefault("external_id", cloud.token())
    if field.get("type") not in FIELD_TYPES or not field.get("label"):
        raise Refused(400, "Invalid metadata field")
    if field["type"] in ("enum", "set") and not _has_choices(field):
        raise Refused(400, "datasource is missing")
    if field["external_id"] in cloud.metadata_fields:
        raise Refused(400, f"external id {field['external_id']} already exists")
    cloud.metadata_fields[field["external_id"]] = field
    return field


def _has_choices(field: dict[str, Any]) -> bool:
    source = field.get("datasource")
    values = source.get("values") if isinstance(source, dict) else None
    return isinstance(values, list) and all(isinstance(one, dict) and "external_id" in one for one in values)


def delete_metadata_field(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE metadata_fields/{name}: its values go with it."""
    name = request.place["name"]
    _known(cloud.metadata_fields, name)
    del cloud.metadata_fields[name]
    for asset in cloud.assets.values():
        asset.metadata.pop(name, None)
    return {"message": "ok"}


# --- Transformations


def transformations(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET transformations: one when it is named, else all."""
    if "transformation" in request.parameters:
        known = _known(cloud.transformations, text(request.parameters, "transformation"))
        return _told(cloud, known) | {"derived": [], "info": described(split_format(known["transformation"])[0])}
    return {"transformations": [_told(cloud, known) for known in cloud.transformations.values()]}


def _told(cloud: Cloud, known: dict[str, Any]) -> dict[str, Any]:
    used = any(known["name"] in asset.derived for asset in cloud.assets.values())
    return {"name": known["name"], "named": known["named"], "used": used, "allowed_for_strict": False}


def make_transformation(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST transformations"""
    name, definition = text(request.parameters, "name"), text(request.parameters, "transformation")
    if not name or not definition:
        raise missing("name" if definition else "transformation")
    parsed(split_format(definition)[0])
    if name in cloud.transformations:
        raise Refused(409, f"Transformation {name} already exists")
    cloud.transformations[name] = {"name": name, "named": True, "transformation": definition}
    return {"message": "created"}


def change_transformation(cloud: Cloud, request: Request) -> dict[str, Any]:
    """PUT transformations: `unsafe_update` changes what a name means, derived images stay as they are."""
    known = _known(cloud.transformations, text(request.parameters, "transformation"))
    if definition := text(request.parameters, "unsafe_update"):
        parsed(split_format(definition)[0])
        known["transformation"] = definition
    return {"message": "updated"}


def delete_transformation(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE transformations: derived images go with it."""
    name = text(request.parameters, "transformation")
    _known(cloud.transformations, name)
    del cloud.transformations[name]
    for asset in cloud.assets.values():
        asset.derived.pop(name, None)
    return {"message": "deleted"}


# --- Upload mappings


def mappings(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET upload_mappings: one when its folder is named, else all."""
    if "folder" in request.parameters:
        folder = text(request.parameters, "folder")
        return {"folder": folder, "template": _known(cloud.mappings, folder)}
    return {"mappings": [{"folder": folder, "template": template} for folder, template in cloud.mappings.items()]}


def make_mapping(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST upload_mappings"""
    folder, template = text(request.parameters, "folder"), text(request.parameters, "template")
    if not folder or not template:
        raise missing("template" if folder else "folder")
    if folder in cloud.mappings:
        raise Refused(409, f"Upload mapping for {folder} already exists")
    cloud.mappings[folder] = template
    return {"message": "created", "folder": folder}


def change_mapping(cloud: Cloud, request: Request) -> dict[str, Any]:
    """PUT upload_mappings"""
    folder = text(request.parameters, "folder")
    _known(cloud.mappings, folder)
    cloud.mappings[folder] = text(request.parameters, "template")
    return {"message": "updated"}


def delete_mapping(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE upload_mappings"""
    folder = text(request.parameters, "folder")
    _known(cloud.mappings, folder)
    del cloud.mappings[folder]
    return {"message": "deleted"}


def _known(defined: dict[str, Any], name: str) -> Any:
    if name not in defined:
        raise not_found(name)
    return defined[name]
