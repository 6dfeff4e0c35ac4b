from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.support.faults.held_draft import held_draft
from tests.support.servers.server import ROOT, Server, wait_for
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.draft_driver import Driver
from tests.support.wire.http_client import HttpClient
from uploads.grace.policy import grace_settings
from uploads.grace.rules import GraceSettings
from uploads.models import LiveGrace


def run(*arguments: str) -> tuple[list[str], str]:
    said, warned = StringIO(), StringIO()
    call_command("uploads_set_grace", *arguments, stdout=said, stderr=warned)
    return said.getvalue().splitlines(), warned.getvalue()


def test_it_says_the_effect_and_puts_n_in_force(driver: Driver, service_clock: FakeClock):
    driver.abandon()
    service_clock.advance(5)

    said, warned = run("600", "--lost", "7200", "--by", "ada")

    assert said == [
        "After a clean close: 10 s -> 600 s",
        "After a loss: 20 s -> 7200 s",
        "Drafts in grace: 1; 0 would expire sooner, 1 later",
        "The earliest of them would expire in 595 s",
        "Of 0 drafts that somebody came back to, 0 would have been lost",
        "In force now, in every process.",
    ]
    assert warned == ""
    assert (grace_settings(), LiveGrace.objects.get().set_by) == (GraceSettings(600, 7200), "ada")


def test_a_dry_run_changes_nothing(driver: Driver):
    said, _ = run("600", "--dry-run")
    assert said[-1] == "Nothing was changed (--dry-run)."
    assert grace_settings() == GraceSettings(10, 20)


def test_without_a_value_for_losses_it_stays_as_it_is(driver: Driver):
    run("40", "--lost", "90")
    run("50")
    assert grace_settings() == GraceSettings(50, 90)


def test_the_settings_come_back(driver: Driver):
    run("600", "--lost", "7200")
    said, _ = run("--default")
    assert said[:2] == ["After a clean close: 600 s -> 10 s", "After a loss: 7200 s -> 20 s"]
    assert grace_settings() == GraceSettings(10, 20)


@pytest.mark.parametrize(("n", "lost", "warning"), [("29", "60", "very short"), ("300", "60", "below GRACE_SECONDS")])
def test_an_unwise_n_is_taken_with_a_warning(driver: Driver, n: str, lost: str, warning: str):
    _, warned = run(n, "--lost", lost)
    assert warning in warned
    assert grace_settings() == GraceSettings(int(n), int(lost))


@pytest.mark.parametrize(
    "arguments",
    [
        ["0"],
        ["-5"],
        ["300", "--lost", "0"],
        ["99999999999999999999"],
        [],
        ["--lost", "60"],
        ["300", "--default"],
        ["--default", "--lost", "60"],
        ["soon"],
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(driver: Driver, arguments: list[str]):
    with pytest.raises(CommandError):
        run(*arguments)
    assert not LiveGrace.objects.exists()


def test_a_name_too_long_for_its_column_is_cut(driver: Driver):
    run("600", "--by", "x" * 500)
    assert len(LiveGrace.objects.get().set_by) == 150


@pytest.mark.django_db(transaction=True)
def test_while_somebody_holds_a_draft_it_says_so_and_changes_nothing(driver: Driver):
    with held_draft(driver.id), pytest.raises(CommandError) as refused:
        run("600")

    assert str(refused.value).startswith("This could not be put in force: ")
    assert str(refused.value).endswith("A draft may be locked, for example by a save. Try again in a moment.")
    assert "\n" not in str(refused.value)
    assert grace_settings() == GraceSettings(10, 20)
    assert run("600")[0][-1] == "In force now, in every process."


async def test_running_servers_obey_at_once_and_open_tabs_are_told(make_server: Callable[..., Server]):
    one = make_server(UPLOADS_GRACE_SECONDS="600")
    two = Server(one.var, UPLOADS_GRACE_SECONDS="600").start()
    try:
        async with tab_of(one) as first, tab_of(two) as second:
            await asyncio.to_thread(set_grace, one, "1", "--lost", "2")
            # Each process checks its sessions every 10 s.
            for tab in (first, second):
                await tab.until(partial(is_told, tab, 1), 30)
        for server, tab in ((one, first), (two, second)):
            wait_for(partial(is_expired, server, tab), 20)
            (started,) = [json.loads(line) for line in server.lines if '"grace_started"' in line]
            assert (started["draft"], started["n_ms"]) == (tab.draft, 1_000)
    finally:
        two.kill()


def tab_of(server: Server) -> DraftClient:
    staff = HttpClient(server.url)
    return DraftClient(staff, staff.new_draft())


def set_grace(server: Server, *arguments: str) -> None:
    command = [sys.executable, "-m", "erp", "uploads_set_grace", *arguments]
    environment = {**os.environ, "ERP_VAR": str(server.var)}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert "In force now, in every process." in said


def is_told(tab: DraftClient, seconds: int) -> bool:
    return bool(tab.snapshot) and tab.snapshot["draft"]["grace_seconds"] == seconds


def is_expired(server: Server, tab: DraftClient) -> bool:
    return server.draft_state(tab.draft) == "expired"
