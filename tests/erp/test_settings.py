"""The settings follow the environment; each case runs in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = "import json, erp.settings as s; print(json.dumps({name: getattr(s, name) for name in %r}, default=str))"


def read(var: Path, *names: str, **environment: str) -> dict[str, Any]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    answer = subprocess.run(
        [sys.executable, "-c", ASK % (names,)],
        cwd=ROOT,
        env={**kept, "ERP_VAR": str(var), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    settings: dict[str, Any] = json.loads(answer.stdout)
    return settings


def test_needs_no_environment(tmp_path: Path) -> None:
    settings = read(tmp_path, "DEBUG", "DATABASES", "CHANNEL_LAYERS", "ALLOWED_HOSTS", "SECRET_KEY")

    assert settings["DEBUG"] is False
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "erp.sqlite3")
    assert settings["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "channels.layers.InMemoryChannelLayer"
    assert settings["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost"]
    assert settings["SECRET_KEY"] == (tmp_path / "secret_key").read_text()


def test_what_it_writes_may_lie_below_any_path(tmp_path: Path) -> None:
    odd = tmp_path / "a+b=c&d?e#f %20"

    assert read(odd, "DATABASES")["DATABASES"]["default"]["NAME"] == str(odd / "erp.sqlite3")


def test_scales_out_by_environment(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "DATABASES",
        "CHANNEL_LAYERS",
        "ALLOWED_HOSTS",
        DATABASE_URL="postgres://erp:secret@db.example:5432/erp",
        REDIS_URL="redis://cache.example:6379/1",
        REDIS_PREFIX="staging",
        ALLOWED_HOSTS="erp.example.com",
    )

    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert settings["DATABASES"]["default"]["OPTIONS"]["pool"]["max_size"] == 24
    assert "-c lock_timeout=3s" in settings["DATABASES"]["default"]["OPTIONS"]["options"]
    assert settings["DATABASES"]["default"]["CONN_HEALTH_CHECKS"] is True
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "consumers.broadcast.redis_layer.PatientRedisLayer"
    assert settings["CHANNEL_LAYERS"]["default"]["CONFIG"]["prefix"] == "staging"
    assert "erp.example.com" in settings["ALLOWED_HOSTS"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, (300, 3600)),
        ({"UPLOADS_GRACE_SECONDS": "40"}, (40, 40)),
        ({"UPLOADS_GRACE_SECONDS_LOST": "90"}, (300, 90)),
        ({"UPLOADS_GRACE_SECONDS": "40", "UPLOADS_GRACE_SECONDS_LOST": "90"}, (40, 90)),
    ],
)
def test_the_first_grace_alone_sets_both(
    tmp_path: Path, environment: dict[str, str], expected: tuple[int, int]
) -> None:
    uploads = read(tmp_path, "UPLOADS", **environment)["UPLOADS"]

    assert (uploads["GRACE_SECONDS"], uploads["GRACE_SECONDS_LOST"]) == expected


CLOUDINARY = "uploads.stores.cloudinary.store.CloudinaryStore"


def test_credentials_of_cloudinary_choose_it_and_let_its_images_be_shown(tmp_path: Path) -> None:
    settings = read(tmp_path, "UPLOADS", "CONTENT_SECURITY_POLICY", CLOUDINARY_URL="cloudinary://key:topsecret@shop")

    assert settings["UPLOADS"]["STORE"]["BACKEND"] == CLOUDINARY
    assert settings["UPLOADS"]["STORE"]["OPTIONS"] == {"promote_mode": "rename", "max_side": None}
    assert settings["UPLOADS"]["PROMOTE_DELAY_SECONDS"] == 10
    assert "https://res.cloudinary.com" in settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["img-src"]
    assert "topsecret" not in json.dumps(settings)


def test_without_credentials_images_stay_on_this_disk_and_no_other_host_shows_any(tmp_path: Path) -> None:
    settings = read(tmp_path, "UPLOADS", "CONTENT_SECURITY_POLICY")

    assert settings["UPLOADS"]["STORE"]["BACKEND"].endswith("DjangoStorageStore")
    assert settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["img-src"] == ["'self'", "blob:"]


def test_half_of_the_credentials_does_not_quietly_mean_the_local_disk(tmp_path: Path) -> None:
    settings = read(tmp_path, "UPLOADS", "DELIVERY_ORIGINS", CLOUDINARY_API_KEY="key")

    assert settings["UPLOADS"]["STORE"]["BACKEND"] == CLOUDINARY
    assert settings["DELIVERY_ORIGINS"] == []


def test_a_server_on_this_machine_may_stand_in_for_cloudinary(tmp_path: Path) -> None:
    url = "cloudinary://key:secret@demo?upload_prefix=http://127.0.0.1:8100"
    assert read(tmp_path, "DELIVERY_ORIGINS", CLOUDINARY_URL=url)["DELIVERY_ORIGINS"] == ["http://127.0.0.1:8100"]


# --- Behind TLS

CANARY = "7f3cnary-in-the-environment"


def checked(var: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check` with only these variables."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "-m", "django", "check", *arguments],
        cwd=ROOT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "erp.settings", "ERP_VAR": str(var), **environment},
        capture_output=True,
        text=True,
    )


def test_https_means_https_only(tmp_path: Path) -> None:
    names = (
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_PROXY_SSL_HEADER",
    )
    settings = read(tmp_path, *names, HTTPS="1")

    assert settings == dict(
        zip(names, [True, 31_536_000, True, True, ["HTTP_X_FORWARDED_PROTO", "https"]], strict=True)
    )


def test_a_deployment_behind_tls_has_nothing_to_be_warned_of(tmp_path: Path) -> None:
    found = checked(tmp_path, "--deploy", "--fail-level", "WARNING", HTTPS="1", ALLOWED_HOSTS="erp.example.com")

    assert (found.returncode, found.stderr) == (0, "")


def test_a_deployment_without_tls_is_warned(tmp_path: Path) -> None:
    found = checked(tmp_path, "--deploy", ALLOWED_HOSTS="erp.example.com")

    for warning in ("security.W004", "security.W008", "security.W012", "security.W016"):
        assert warning in found.stderr


@pytest.mark.parametrize(("name", "value", "error"), [("ALLOWED_HOSTS", "*", "E006"), ("SECRET_KEY", CANARY, "E007")])
def test_what_lets_strangers_in_is_an_error(tmp_path: Path, name: str, value: str, error: str) -> None:
    found = checked(tmp_path, **{name: value})

    assert found.returncode == 1
    assert f"uploads.{error}" in found.stderr
    assert CANARY not in found.stdout + found.stderr


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"ERP_DEMO_ON_LOOPBACK": "1"}, True),
        ({"ERP_DEMO_ON_LOOPBACK": "1", "ALLOWED_HOSTS": "127.0.0.1"}, True),
        ({}, False),
        ({"ERP_DEMO_ON_LOOPBACK": "0"}, False),
        ({"ERP_DEMO_ON_LOOPBACK": "1", "HTTPS": "1"}, False),
        ({"ERP_DEMO_ON_LOOPBACK": "1", "ALLOWED_HOSTS": "erp.example.com"}, False),
        ({"ERP_DEMO_ON_LOOPBACK": "1", "ALLOWED_HOSTS": "0.0.0.0"}, False),  # noqa: S104
        ({"ERP_DEMO_ON_LOOPBACK": "1", "DATABASE_URL": "postgres://erp@127.0.0.1/erp"}, False),
    ],
)
def test_demo_accounts_are_for_sqlite_on_loopback_that_no_proxy_shows(
    tmp_path: Path, environment: dict[str, str], expected: bool
) -> None:
    assert read(tmp_path, "DEMO_ON_LOOPBACK", **environment)["DEMO_ON_LOOPBACK"] is expected
