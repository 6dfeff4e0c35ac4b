"""Prepare the database and the static files, then become the server.

The server is a separate program (`python -m consumers`): the project and the wire protocol meet only in `asgi.py`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import django
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from erp.launch.loopback import is_loopback


def main(host: str, port: int) -> int:
    """Prepare and start the server; return only after printing why the ERP cannot or must not be served like this."""
    if problem := why_not_free(host, port):
        print(problem, file=sys.stderr)
        return 1
    # Requests to the address it listens on must be accepted.
    os.environ["ALLOWED_HOSTS"] = ",".join(filter(None, [os.environ.get("ALLOWED_HOSTS"), host]))
    # Always set, so that a value inherited from the environment does not count.
    os.environ["ERP_DEMO_ON_LOOPBACK"] = "1" if is_loopback(host) else "0"
    django.setup()
    try:
        check()
        logins = prepare()
    except (ImproperlyConfigured, MustNotServe) as problem:
        print(problem, file=sys.stderr)
        return 1
    ready = ready_line(host, port, logins)
    server = ["-m", "consumers", "--host", host, "--port", str(port), "--ready-line", ready]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *server])  # noqa: S606 - replacing the process is the point


class MustNotServe(Exception):
    """Serving the ERP like this would let strangers in."""


def why_not_free(host: str, port: int) -> str:
    """Return why the address cannot be listened on and what to do, or an empty string if it can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # Like the server: an address used by a server that has just stopped is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return (
            f"Cannot listen on {host}:{port}: {error.strerror or error}.\n"
            "Is the ERP already running there? Choose another port with --port."
        )
    return ""


def check() -> None:
    """Run the system checks. Raises `MustNotServe` with all errors; `python3 -m erp check` shows the warnings too."""
    errors = [message for message in run_checks() if message.is_serious()]
    if errors:
        raise MustNotServe("\n".join(str(message) for message in errors))


def prepare() -> list[str]:
    """Update the database and the static files, printing steps that take time.

    Returns the demo accounts that anybody can sign in to. Raises `MustNotServe` where they are not allowed.
    """
    # Imported here because these import models.
    from erp import static_files
    from erp.demo import accounts, seed

    if is_behind():
        say("Preparing the database ...")
        migrate()
    if lacks_tables():
        raise SystemExit(
            "This database was made by a version from before the first release and cannot be migrated.\n"
            "Move it away and start again; on the embedded default that is the file var/erp.sqlite3."
        )
    allowed = accounts.passwords()
    logins = demo_logins()
    if seed.lacks_users() and not allowed:
        say("Nobody can sign in yet: `python3 -m erp createsuperuser` makes the first account.")
    elif seed.lacks_users() or seed.lacks_products():
        # In a separate process, because the workers that check the images must not outlive this one.
        subprocess.run([sys.executable, "-m", "erp", "seed_demo"], check=True)
        logins = demo_logins()
    if static_files.publish():
        say("Published the static files.")
    return logins


def demo_logins() -> list[str]:
    """Return the demo accounts with a well-known password; outside loopback, set their configured passwords first.

    Raises `MustNotServe` if none are configured.
    """
    from django.conf import settings

    from erp.demo import accounts

    own = accounts.own_passwords()
    if own and settings.DEMO_ON_LOOPBACK:
        return []
    known = accounts.with_known_password()
    if known and own:
        accounts.replace_passwords(known, own)
        say(f"Demo accounts have the passwords of ERP_DEMO_PASSWORDS now: {', '.join(known)}.")
        return []
    if known and not settings.DEMO_ON_LOOPBACK:
        raise MustNotServe(
            f"This database has demo accounts whose passwords everybody knows: {', '.join(known)}. They are for SQLite "
            "on loopback, without HTTPS and other host names. Name passwords of your own in ERP_DEMO_PASSWORDS "
            "(docs/settings.md), or change them: python3 -m erp changepassword NAME."
        )
    return known


def is_behind() -> bool:
    """Whether migrations are pending. This check is fast; `migrate` takes a while even if nothing is pending."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def lacks_tables() -> bool:
    """Whether a table is missing although every migration is recorded; 0001 was rewritten before 0.1.0."""
    from django.apps import apps
    from django.db import connection

    wanted = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return not wanted <= set(connection.introspection.table_names())


def migrate() -> None:
    """Apply all migrations."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def ready_line(host: str, port: int, logins: list[str]) -> str:
    """Return the line to print once the server accepts connections, with the demo accounts anybody can sign in to."""
    address = f"[{host}]" if ":" in host else host
    shown = ", ".join(f"{name} / {name}" for name in logins)
    return f"Ready: http://{address}:{port}/" + (f" (user / password: {shown})" if shown else "")


def say(message: str) -> None:
    """Print what is being done."""
    print(message, flush=True)
