"""Take screenshots of every screen and state, light and dark, on a phone and a desktop.

python3 -m tests.screens [FOLDER [SCENE ...]]     into FOLDER (default: var/screens), all or only these
python3 -m tests.screens --readme                 the two screenshots of the README, into docs/images
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from erp.launch import bootstrap
from tests.support.servers import programs

README = "--readme"


def main() -> int:
    """Set up, then take the screenshots."""
    if "--help" in sys.argv:
        print(__doc__)
        return 0
    bootstrap.enter("requirements-test.txt")
    programs.install_missing("Chromium")
    from tests.screens import shoot

    arguments = sys.argv[1:]
    if README in arguments:
        asyncio.run(shoot.readme(bootstrap.ROOT / "docs" / "images"))
    else:
        folder = Path(arguments[0]) if arguments else bootstrap.ROOT / "var" / "screens"
        asyncio.run(shoot.everything(folder, arguments[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
