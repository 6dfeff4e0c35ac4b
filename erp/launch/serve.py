"""Make the database and the static files ready, then become the server.

The server is a program of its own (`python -m consumers`): the project and the wire meet in `asgi.py` only.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import django


def main(host: str, port: int) -> int:
    """Prepare and start; returns only when the address cannot be listened on."""
    if problem := why_not_free(host, port):
        print(problem, file=sys.stderr)
        return 1
    # Whoever chooses the address to listen on may also be called by it.
    os.environ["ALLOWED_HOSTS"] = ",".join(filter(None, [os.environ.get("ALLOWED_HOSTS"), host]))
    django.setup()
    prepare()
    ready = ready_line(host, port)
    server = ["-m", "consumers", "--host", host, "--port", str(port), "--ready-line", ready]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *server])  # noqa: S606 - replacing the process is the point


def why_not_free(host: str, port: int) -> str:
    """Why nobody can listen on the address, and what to do; empty when somebody can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server does: an address that a stopped server used a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return (
            f"Cannot listen on {host}:{port}: {error.strerror or error}.\n"
            "Is the ERP already running there? Choose another port with --port."
        )
    return ""


def prepare() -> None:
    """Bring the database and the static files up to date, saying so where it takes time."""
    # Only now: these import models.
    from erp import static_files
    from erp.demo import seed

    if is_behind():
        say("Preparing the database ...")
        migrate()
    if lacks_tables():
        raise SystemExit(
            "This database was made by a version from before the first release and cannot be migrated.\n"
            "Move it away and start again; on the embedded default that is the file var/erp.sqlite3."
        )
    if seed.lacks_users() or seed.lacks_products():
        # In a process of its own: the workers that check the images must not outlive this one.
        subprocess.run([sys.executable, "-m", "erp", "seed_demo"], check=True)
    if static_files.publish():
        say("Published the static files.")


def is_behind() -> bool:
    """Whether the database lacks migrations. Asking is quick; `migrate` takes a while even when nothing is to do."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def lacks_tables() -> bool:
    """Whether the database lacks a table although every migration is recorded: 0001 was rewritten before 0.1.0."""
    from django.apps import apps
    from django.db import connection

    wanted = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return not wanted <= set(connection.introspection.table_names())


def migrate() -> None:
    """Apply all migrations."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def ready_line(host: str, port: int) -> str:
    """What to print once the server accepts connections; names the demo login where there is one."""
    from erp.demo import seed

    address = f"[{host}]" if ":" in host else host
    login = f" (user {seed.DEMO}, password {seed.DEMO})" if seed.has_demo_login() else ""
    return f"Ready: http://{address}:{port}/{login}"


def say(message: str) -> None:
    """Tell the person at the terminal what is being done."""
    print(message, flush=True)
