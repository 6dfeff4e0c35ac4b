"""Guards of accounts, sessions, origins and browsers, each removed: a test must fail."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from erp import settings as erp
from tests.verification.mutants import Mutant

ORIGIN = "consumers.security.origin"
SESSIONS = "consumers.security.sessions"
SESSION_TESTS = "consumers.security.test_session_guards"
SIGN_IN_TESTS = "erp.web.test_sign_in"
BROWSER_TESTS = "erp.web.test_browser_guards"

MUTANTS = [
    Mutant(
        id="S1-wildcard",
        error="a site that answers to every host passes its checks",
        module="uploads.checks",
        edits=(('    if "*" in settings.ALLOWED_HOSTS:\n', "    if False:\n"),),
        killer="uploads.test_checks::test_every_host_is_an_error",
    ),
    Mutant(
        id="S1-key",
        error="a key that can be guessed passes the checks",
        module="uploads.checks",
        edits=(("    long = len(text) >= SECRET_KEY_LENGTH and", "    long = "),),
        killer="uploads.test_checks::test_a_short_key_is_an_error",
    ),
    Mutant(
        id="S2-wss",
        error="a handshake without TLS opens a socket",
        module=ORIGIN,
        edits=((" and over_tls(scope, headers)", ""),),
        killer="consumers.security.test_wss_only::test_nor_one_whose_proxy_says_nothing",
    ),
    Mutant(
        id="S2-page",
        error="a page without TLS opens a socket",
        module=ORIGIN,
        edits=(('origin.startswith("https://") and ', ""),),
        killer="consumers.security.test_wss_only::test_nor_one_of_a_page_without_tls",
    ),
    Mutant(
        id="S2-believed",
        error="anybody's header says that a handshake came through TLS",
        module=ORIGIN,
        edits=(
            (
                "    if settings.SECURE_PROXY_SSL_HEADER is None:\n        return False\n"
                "    name, secure = settings.SECURE_PROXY_SSL_HEADER\n",
                '    name, secure = "HTTP_X_FORWARDED_PROTO", "https"\n',
            ),
        ),
        killer="consumers.security.test_wss_only::test_the_header_counts_only_where_the_settings_believe_it",
    ),
    Mutant(
        id="S5-auth-hash",
        error="a session outlives the password it was made with",
        module=SESSIONS,
        edits=(("    return any(constant_time_compare(known, good) for good in hashes)", "    return True"),),
        killer=f"{SESSION_TESTS}::test_another_password_ends_the_sessions_of_the_one_before",
    ),
    Mutant(
        id="S5-inactive",
        error="a user who was deactivated opens sockets",
        module=SESSIONS,
        edits=((", is_active=True)", ")"),),
        killer=f"{SESSION_TESTS}::test_a_user_who_is_no_longer_active_has_no_session",
    ),
    Mutant(
        id="S5-inactive-check",
        error="a user who was deactivated keeps sockets",
        module=SESSIONS,
        edits=((" for pk, user in users.items() if user.is_active}", " for pk, user in users.items()}"),),
        killer=f"{SESSION_TESTS}::test_a_user_who_is_no_longer_active_has_no_session",
    ),
    Mutant(
        id="S5-fallbacks",
        error="replacing the secret key signs everybody out",
        module=SESSIONS,
        edits=((", *user.get_session_auth_fallback_hash()]", "]"),),
        killer=f"{SESSION_TESTS}::test_a_key_that_is_being_replaced_signs_nobody_out",
    ),
    Mutant(
        id="S5-backend",
        error="a session counts although its way of signing in was taken away",
        module=SESSIONS,
        edits=((" or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS", ""),),
        killer=f"{SESSION_TESTS}::test_a_session_of_a_backend_that_was_taken_away_is_none",
    ),
    Mutant(
        id="S5-expired",
        error="an expired session keeps its sockets",
        module=SESSIONS,
        edits=((", expire_date__gt=timezone.now())", ")"),),
        killer=f"{SESSION_TESTS}::test_a_session_that_expired_is_none",
    ),
    Mutant(
        id="S5-known-password",
        error="a demo account lets anybody in who knows its name",
        module="erp.demo.accounts",
        edits=((" and password == username and not settings.DEMO_ON_LOOPBACK", " and False"),),
        killer="erp.demo.test_accounts::test_elsewhere_no_well_known_password_works",
    ),
    Mutant(
        id="S5-known-database",
        error="a database with well-known passwords is served to others",
        module="erp.launch.serve",
        edits=(("    if known and not settings.DEMO_ON_LOOPBACK:\n", "    if False:\n"),),
        killer="erp.demo.test_accounts::test_elsewhere_a_database_with_well_known_passwords_is_refused",
    ),
    Mutant(
        id="S5-turns",
        error="a flood of sign-ins takes every core",
        module="erp.web.sign_in",
        edits=(
            ("        is_mine = _turn.acquire(timeout=TURN_SECONDS)", "        is_mine = True"),
            ("            if is_mine:\n                _turn.release()", "            pass"),
        ),
        killer=f"{SIGN_IN_TESTS}::test_unknown_browsers_take_turns",
    ),
    Mutant(
        id="S5-refused-at-once",
        error="a browser that is refused while too many wait is back at once",
        module="erp.web.sign_in",
        edits=(("        sleep(REFUSED_SECONDS)\n", ""),),
        killer=f"{SIGN_IN_TESTS}::test_a_refused_browser_is_not_back_at_once",
    ),
    Mutant(
        id="S5-lock-out",
        error="a stranger keeps a colleague out by failing in their name",
        module="erp.web.sign_in",
        edits=(('    return f"{username} in {browser}" if browser else username', "    return username"),),
        killer=f"{SIGN_IN_TESTS}::test_a_known_browser_is_not_locked_by_strangers_at_its_own_address",
    ),
    Mutant(
        id="S5-long-name",
        error="a name that is too long for its column breaks the sign-in on PostgreSQL",
        module="erp.web.sign_in",
        edits=(('.get("username", ""))[:LONGEST_NAME]\n', '.get("username", ""))\n'),),
        killer=f"{SIGN_IN_TESTS}::test_a_name_is_counted_by_no_more_than_a_user_can_have",
    ),
    Mutant(
        id="S2-secure-known-browser",
        error="behind TLS the cookie of a known browser goes without",
        module="erp.web.sign_in",
        edits=(("secure=settings.SESSION_COOKIE_SECURE,", "secure=False,"),),
        killer=f"{BROWSER_TESTS}::test_behind_tls_no_cookie_goes_without",
    ),
    Mutant(
        id="S2-httponly-known-browser",
        error="a script reads the cookie of a known browser",
        module="erp.web.sign_in",
        edits=(("        httponly=True,\n", "        httponly=False,\n"),),
        killer=f"{BROWSER_TESTS}::test_no_script_reads_the_session",
    ),
    Mutant(
        id="S26-salt",
        error="a token that was made for one user is good for another",
        module="erp.web.sign_in",
        edits=(('    return f"erp.known-browser:{username}"', '    return "erp.known-browser"'),),
        killer=f"{SIGN_IN_TESTS}::test_a_known_browser_is_known_for_its_user_only",
    ),
    Mutant(
        id="S26-expiry",
        error="a token is good for ever",
        module="erp.web.sign_in",
        edits=((", max_age=KNOWN_SECONDS) or", ") or"),),
        killer=f"{SIGN_IN_TESTS}::test_its_cookie_expires",
    ),
    Mutant(
        id="S24-owner",
        error="anybody signed in sees the files of a draft",
        module="uploads.files.views",
        edits=((" or draft.owner_id != user.pk", ""),),
        killer="uploads.files.test_served_bytes::test_the_file_of_a_draft_is_its_owners",
    ),
    Mutant(
        id="S24-nosniff",
        error="a browser may take an image for a page",
        module="uploads.files.views",
        edits=(('    response["X-Content-Type-Options"] = "nosniff"\n', ""),),
        killer="uploads.files.test_served_bytes::test_the_bytes_are_an_image_and_nothing_else",
    ),
    Mutant(
        id="S24-sandbox",
        error="an image that is opened as a page may run scripts",
        module="uploads.files.views",
        edits=(("""    response["Content-Security-Policy"] = "default-src 'none'; sandbox"\n""", ""),),
        killer="uploads.files.test_served_bytes::test_the_bytes_are_an_image_and_nothing_else",
    ),
    Mutant(
        id="S24-corp",
        error="another site shows images that are not its own",
        module="uploads.files.views",
        edits=(('    response["Cross-Origin-Resource-Policy"] = "same-origin"\n', ""),),
        killer="uploads.files.test_served_bytes::test_the_bytes_are_an_image_and_nothing_else",
    ),
    Mutant(
        id="S24-permission",
        error="whoever is signed in sees the images of products",
        module="erp.marketing.media",
        edits=(("    if not may_see_products(request.user):\n        raise PermissionDenied\n", ""),),
        killer="uploads.files.test_served_bytes::test_a_products_image_is_for_those_who_see_products",
    ),
    Mutant(
        id="S24-type",
        error="an object of any kind below a product's folder is served",
        module="erp.marketing.media",
        edits=(
            ("    if not content_type:\n        raise Http404\n", "    content_type = content_type or 'text/html'\n"),
        ),
        killer="uploads.files.test_served_bytes::test_nothing_but_an_image_is_served",
    ),
    Mutant(
        id="S24-x-accel",
        error="nginx is sent to any file that the server can read",
        module="uploads.files.x_accel",
        edits=(
            (
                "        if path.is_relative_to(root := Path(folder).resolve()):\n",
                "        root = Path(folder).resolve()\n        if True:\n",
            ),
            ("path.relative_to(root).as_posix()", "__import__('os').path.relpath(path, root)"),
        ),
        killer="uploads.files.test_x_accel::test_a_file_anywhere_else_has_none",
    ),
    Mutant(
        id="S29-json",
        error="a hostile name forges a line of the log",
        module="uploads.event_log",
        edits=(
            ("    line = json.dumps({", "    line = repr({"),
            ("}, sort_keys=True)", "}).encode().decode('unicode_escape')"),
        ),
        killer="uploads.test_event_log::test_control_characters_cannot_forge_a_second_line",
    ),
    Mutant(
        id="S29-traceback",
        error="a stranger fills the log with tracebacks",
        module="erp.web.log_filters",
        edits=(("            record.exc_info = record.exc_text = None\n", ""),),
        killer="erp.web.test_log_filters::test_a_wrong_host_is_one_quiet_line",
    ),
]


class WrongSetting(Struct, frozen=True, kw_only=True):
    """A guard that is a setting, removed: with this value the test `killer` must fail."""

    id: str
    error: str
    setting: str
    value: object
    killer: str

    def test(self) -> Callable[..., object]:
        """Return the test that must fail."""
        return Mutant(id=self.id, error=self.error, module="", edits=(), killer=self.killer).test()


class WrongLine(Struct, frozen=True, kw_only=True):
    """A guard in the settings of some environments: with `new` instead of `old`, `killer` must fail."""

    id: str
    error: str
    old: str
    new: str
    killer: str

    def test(self) -> Callable[..., object]:
        """Return the test that must fail."""
        return Mutant(id=self.id, error=self.error, module="", edits=(), killer=self.killer).test()


def without(middleware: str) -> list[str]:
    return [one for one in erp.MIDDLEWARE if not one.endswith(middleware)]


SETTINGS = [
    WrongSetting(
        id="S2-httponly",
        error="a script reads the session",
        setting="SESSION_COOKIE_HTTPONLY",
        value=False,
        killer=f"{BROWSER_TESTS}::test_no_script_reads_the_session",
    ),
    WrongSetting(
        id="S2-samesite",
        error="another site sends the session along",
        setting="SESSION_COOKIE_SAMESITE",
        value="None",
        killer=f"{BROWSER_TESTS}::test_no_other_site_sends_the_session_along",
    ),
    WrongSetting(
        id="S2-samesite-csrf",
        error="another site sends the token along",
        setting="CSRF_COOKIE_SAMESITE",
        value="None",
        killer=f"{BROWSER_TESTS}::test_no_other_site_sends_the_session_along",
    ),
    WrongSetting(
        id="S10-csrf",
        error="another site posts in a user's name",
        setting="MIDDLEWARE",
        value=without("CsrfViewMiddleware"),
        killer=f"{BROWSER_TESTS}::test_nothing_changes_without_the_token_of_our_own_page",
    ),
    WrongSetting(
        id="S24-nosniff-pages",
        error="a browser may take a page for another type",
        setting="SECURE_CONTENT_TYPE_NOSNIFF",
        value=False,
        killer=f"{BROWSER_TESTS}::test_no_answer_is_taken_for_another_type",
    ),
    WrongSetting(
        id="S34-csp",
        error="pages have no policy",
        setting="MIDDLEWARE",
        value=without("CSPMiddleware"),
        killer=f"{BROWSER_TESTS}::test_a_page_lets_nothing_run_but_its_own_scripts",
    ),
    WrongSetting(
        id="S34-inline",
        error="inline scripts run",
        setting="CONTENT_SECURITY_POLICY",
        value={
            "DIRECTIVES": {**erp.CONTENT_SECURITY_POLICY["DIRECTIVES"], "script-src": ["'self'", "'unsafe-inline'"]}
        },
        killer=f"{BROWSER_TESTS}::test_a_page_lets_nothing_run_but_its_own_scripts",
    ),
    WrongSetting(
        id="S34-frames",
        error="another page frames ours",
        setting="MIDDLEWARE",
        value=without("XFrameOptionsMiddleware"),
        killer=f"{BROWSER_TESTS}::test_no_other_page_frames_ours",
    ),
    WrongSetting(
        id="S5-pause",
        error="passwords may be guessed without a pause",
        setting="AUTHENTICATION_BACKENDS",
        value=[one for one in erp.AUTHENTICATION_BACKENDS if "axes" not in one],
        killer=f"{SIGN_IN_TESTS}::test_a_locked_name_is_not_checked_and_writes_nothing",
    ),
]

HTTPS = "erp.test_settings::test_https_means_https_only"
LINES = [
    WrongLine(
        id="S2-secure",
        error="behind TLS the session goes without",
        old="    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True\n",
        new="    SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE = False, True\n",
        killer=HTTPS,
    ),
    WrongLine(
        id="S2-secure-token",
        error="behind TLS the token goes without",
        old="    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True\n",
        new="    SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE = True, False\n",
        killer=HTTPS,
    ),
    WrongLine(
        id="S2-redirect",
        error="behind TLS pages are served without",
        old="    SECURE_SSL_REDIRECT = True\n",
        new="    SECURE_SSL_REDIRECT = False\n",
        killer=HTTPS,
    ),
    WrongLine(
        id="S2-hsts",
        error="a browser that was here over TLS comes back without",
        old="default=31_536_000)",
        new="default=0)",
        killer=HTTPS,
    ),
]
