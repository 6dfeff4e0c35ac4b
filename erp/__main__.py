"""Run the ERP, or one of its management commands, on a machine that has only Python.

    python3 -m erp [--host H] [--port P]     serve the ERP
    python3 -m erp <command> [arguments]     Django's manage.py

The first start installs what is missing into `.venv`; until then only the standard library may be imported.
"""

from __future__ import annotations

import argparse
import os
import sys

from erp.launch import bootstrap


def main() -> int:
    """Serve if there are only options; otherwise pass the arguments to Django."""
    arguments = sys.argv[1:]
    if arguments and not arguments[0].startswith("-"):
        return manage(arguments)
    return serve(server_options(arguments))


def server_options(arguments: list[str]) -> argparse.Namespace:
    """Parse the server's options. This happens before anything is installed, so that a typo fails at once."""
    parser = argparse.ArgumentParser(
        prog="python3 -m erp",
        description="Serve the ERP. With a command in place of the options, run that Django management command.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("ERP_PORT", "8000"),
        help="port to listen on (default: $ERP_PORT, else 8000)",
    )
    return parser.parse_args(arguments)


def serve(options: argparse.Namespace) -> int:
    """Run the server until it is stopped."""
    enter_project()
    from erp.launch.serve import main as serve_until_stopped

    return serve_until_stopped(options.host, options.port)


def manage(arguments: list[str]) -> int:
    """Run a Django management command."""
    enter_project()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["python3 -m erp", *arguments])
    return 0


def enter_project() -> None:
    """Make Django and the project's settings importable from here on."""
    bootstrap.enter("requirements.txt")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")


if __name__ == "__main__":
    sys.exit(main())
