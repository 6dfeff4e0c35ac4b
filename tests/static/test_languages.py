"""The dialog's messages in other languages, with the very catalog that a page loads."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from tests.run.npm import NODE
from uploads import translations

HERE = Path(__file__).resolve().parent / "languages"


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("ar", "rtl")])
def test_the_words_of_the_window_are_of_the_pages_language(tmp_path: Path, language: str, direction: str):
    script = tmp_path / "catalog.js"
    script.write_bytes(Client().get(translations.address(language)).content)
    page = {"CATALOG": str(script), "PAGE_LANGUAGE": language, "PAGE_DIRECTION": direction}
    command: list[str | Path] = [NODE, "--import", HERE / "page.mjs", "--test", HERE / f"{language}.mjs"]

    finished = subprocess.run(command, env={**os.environ, **page}, capture_output=True, text=True)

    assert finished.returncode == 0, finished.stdout + finished.stderr
