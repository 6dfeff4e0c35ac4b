"""No rule of WCAG 2.2 AA that axe can check is violated: every page and state, light and dark, phone and desktop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.support.browser.window import ProductForm, fill_in_sign_in, new_product, profile, sign_in
from tests.support.images.pictures import photo, picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

pytestmark = pytest.mark.timeout(120)

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    # It would write inline styles, which the content security policy blocks.
    "preload": False,
    # Without details of passed rules.
    "resultTypes": ["violations"],
}
COLOURS = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""Of the rules above those that look at colours."""
Scheme = Literal["light", "dark"]
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


class Examination:
    """The findings of axe on a page, state by state."""

    def __init__(self, page: Page, *schemes: Scheme) -> None:
        self.page = page
        self._schemes = schemes
        self.findings: dict[str, list[str]] = {}

    async def look(self, state: str) -> None:
        """Check the page as it is now, and its colours in the other scheme: the schemes differ in nothing else."""
        for scheme, rules in zip(self._schemes, (RULES, COLOURS), strict=False):
            await self.page.emulate_media(color_scheme=scheme)
            if found := await self._violations(rules):
                self.findings[f"{state}, {scheme}"] = found

    async def _violations(self, rules: dict[str, Any]) -> list[str]:
        results = await Axe().run(self.page, options=rules)
        assert results.response["passes"], "axe looked at nothing"
        violations: list[dict[str, Any]] = results.response["violations"]
        return [f"{v['id']}: {node['html'][:160]} {node['failureSummary']}" for v in violations for node in v["nodes"]]


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_u51_axe_finds_nothing(server: Server, browser: Browser, tmp_path: Path, device: dict[str, Any]):
    # A colour that is still fading in must not be judged.
    async with profile(browser, reduced_motion="reduce", **device) as context:
        with Proxy(server.port) as proxy:
            page = await context.new_page()
            examination = Examination(page, "light", "dark")
            form = ProductForm(page, proxy.url)
            await pages(form, examination)
            await quiet_states(form, examination, tmp_path)
            await busy_states(form, examination, tmp_path, proxy)

    assert examination.findings == {}


async def test_u51_axe_finds_nothing_in_rarer_states_and_right_to_left(
    server: Server, browser: Browser, tmp_path: Path
):
    """Consists of parts and colours seen in every look by the other walk, so each is checked in one look only."""
    async with profile(browser, reduced_motion="reduce", **DESKTOP) as context:
        examination = Examination(await sign_in(context, server.url), "light")
        await rarer_states(ProductForm(examination.page, server.url), examination, tmp_path)
    async with profile(browser, reduced_motion="reduce", **PHONE) as context:
        mirrored = Examination(await sign_in(context, server.url), "dark")
        await context.add_cookies([{"name": "django_language", "value": "ar", "url": server.url}])
        await right_to_left(ProductForm(mirrored.page, server.url), mirrored, tmp_path)

    assert (examination.findings, mirrored.findings) == ({}, {})


SMALL_TARGETS = """(least) => {
  const modal = document.querySelector("dialog[open]") ?? document;
  const name = (target) => target.getAttribute("aria-label") || target.textContent.trim() || target.name;
  return [...modal.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, select, [role=menuitem]")]
    .filter((target) => target.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter((target) => getComputedStyle(target).display !== "inline")
    .map((target) => [name(target), target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && Math.min(box.width, box.height) < least - 0.5)
    .map(([name, box]) => `${name}: ${box.width} x ${box.height}`);
}"""
"""Return targets smaller than `least` pixels in either direction; links within a sentence are exempt (WCAG 2.2,
2.5.8)."""

HIDDEN_FOCUS = """() => {
  const focused = document.activeElement, box = focused.getBoundingClientRect();
  if (focused === document.body) return [];
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const isSeen = top && (focused.contains(top) || top.contains(focused));
  const hasRing = [focused, ...focused.querySelectorAll("*")].some((part) => {
    const { outlineStyle, boxShadow } = getComputedStyle(part);
    return outlineStyle !== "none" || boxShadow !== "none";
  });
  const name = focused.getAttribute("aria-label") || focused.textContent.trim() || focused.id;
  return [...(hasRing ? [] : [`${name}: no ring`]), ...(isSeen ? [] : [`${name}: covered`])];
}"""
"""Return what is wrong with the focus indicator of the focused element."""


@pytest.mark.parametrize(("device", "least"), [(DESKTOP, 24), (PHONE, 44)], ids=["desktop", "phone"])
async def test_u52_targets_are_large_enough(
    server: Server, browser: Browser, tmp_path: Path, device: dict[str, Any], least: int
):
    async with profile(browser, **device) as context:
        form = await new_product(context, server.url)
        await form.page.locator("[data-variant-add]").click()
        await form.page.locator("[data-variant-label]").fill("Red")
        found = {"form": await form.page.evaluate(SMALL_TARGETS, least)}
        await form.stored_files(*write(tmp_path, 1, 2))
        await form.card("2.jpg").get_by_role("button", name="Remove").click()
        await expect(form.cards(state="removed")).to_have_count(1)
        found["window"] = await form.page.evaluate(SMALL_TARGETS, least)
        await form.card("1.jpg").get_by_role("button", name="More").click()
        found["menu"] = await form.page.evaluate(SMALL_TARGETS, least)

    assert found == {"form": [], "window": [], "menu": []}


async def test_u52_the_focus_is_always_seen(server: Server, browser: Browser, tmp_path: Path):
    async with profile(browser, viewport={"width": 390, "height": 500}, reduced_motion="reduce") as context:
        form = await new_product(context, server.url)
        await form.stored_files(*write(tmp_path, *range(1, 9)))
        found: list[str] = []
        seen = 0
        for key in ["Tab"] * 25 + ["Shift+Tab"] * 25:
            await form.page.keyboard.press(key)
            seen += await form.page.evaluate("() => document.activeElement.matches('dialog *')")
            found += await form.page.evaluate(HIDDEN_FOCUS)

    assert seen > 40
    assert found == []


def write(folder: Path, *numbers: int) -> list[Path]:
    """Small images to add."""
    paths = [folder / f"{number}.jpg" for number in numbers]
    for number, path in zip(numbers, paths, strict=True):
        path.write_bytes(picture(seed=number))
    return paths


async def pages(form: ProductForm, examination: Examination) -> None:
    """Login, list, detail, and the empty form."""
    await form.page.goto(f"{form.url}/accounts/login/")
    await examination.look("login")
    await fill_in_sign_in(form.page)
    await form.page.wait_for_url("**/marketing/")
    await examination.look("list")
    await form.page.goto(f"{form.url}/marketing/product/1/")
    await examination.look("product")
    await form.create()
    await examination.look("form, empty")


async def add_mixed_batch(form: ProductForm, folder: Path) -> None:
    """Add three valid images, two duplicates, a truncated one, one that is no image, and one that is too large."""
    (folder / "half.jpg").write_bytes(picture()[:-500])
    (folder / "prices.pdf").write_bytes(b"%PDF")
    (folder / "huge.jpg").write_bytes(b"\xff\xd8" + bytes(21_000_000))
    write(folder, 1, 2, 3)
    for number in (1, 2):
        (folder / f"again-{number}.jpg").write_bytes((folder / f"{number}.jpg").read_bytes())
    names = ("1.jpg", "2.jpg", "3.jpg", "again-1.jpg", "again-2.jpg", "half.jpg", "prices.pdf", "huge.jpg")
    await form.add([folder / name for name in names])
    await expect(form.window.get_by_role("button", name="Skip all")).to_be_visible()
    await form.stored(3)
    await expect(form.cards(state="failed")).to_have_count(1)


async def quiet_states(form: ProductForm, examination: Examination, folder: Path) -> None:
    """Check the dialog when empty, with refused and removed files, with a menu, and with its questions."""
    # A browser without space does not cache a file, and says so.
    session = await form.page.context.new_cdp_session(form.page)
    await session.send("Storage.overrideQuotaForOrigin", {"origin": form.url, "quotaSize": 1})
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.open_window()
    # A name reaches the dialog when its field loses the focus, however soon images follow.
    await expect(form.window.locator("[data-section]").filter(has_text="“Red”")).to_be_visible()
    await examination.look("window, empty")
    await add_mixed_batch(form, folder)
    await form.menu("3.jpg", "Red")
    await form.card("2.jpg").get_by_role("button", name="Remove").click()
    await expect(form.cards(state="removed")).to_have_count(1)
    await examination.look("window, failed, refused, repeated and removed files")
    await form.page.keyboard.press("ControlOrMeta+a")
    await expect(form.window.get_by_role("toolbar", name="Selected images")).to_be_visible()
    await examination.look("window, selected images")
    await form.page.keyboard.press("Escape")
    await form.window.get_by_role("button", name="Upload a smaller copy").click()
    await expect(form.window.locator(".mf-banner", has_text="huge.jpg")).to_be_visible()
    await examination.look("window, what became of a smaller copy")
    await form.card("half.jpg").get_by_role("button", name="More").click()
    await examination.look("menu of a card")
    await form.window.get_by_role("menuitem", name="Alternative text").click()
    await larger_look(form, examination)
    await form.page.keyboard.press("Escape")
    await form.window.get_by_role("button", name="Discard all").click()
    await examination.look("question before discarding")
    await form.page.keyboard.press("Escape")


async def larger_look(form: ProductForm, examination: Examination) -> None:
    """Check the lightbox with an image that cannot be shown, with one that can, and zoomed in."""
    await expect(form.page.get_by_role("dialog", name="half.jpg")).to_be_visible()
    await examination.look("larger look at an image that cannot be shown")
    await form.page.keyboard.press("Escape")
    await form.card("1.jpg").focus()
    await form.page.keyboard.press("Enter")
    await expect(form.page.get_by_role("dialog", name="1.jpg")).to_contain_text("240 pixels")
    await examination.look("larger look")
    await form.page.get_by_role("button", name="Real size").click()
    await examination.look("larger look, real size")


async def busy_states(form: ProductForm, examination: Examination, folder: Path, proxy: Proxy) -> None:
    """Check uploads without space for a copy, the question of a save, reconnecting, and the form with images."""
    (folder / "big.jpg").write_bytes(photo(4))
    proxy.hold_uploads()
    await form.add([folder / "big.jpg"])
    await expect(form.cards(state="uploading")).to_have_count(1)
    await expect(form.window.locator(".mf-banner", has_text="No room in this browser")).to_be_visible()
    await examination.look("window, uploading, no room for a copy")
    await form.close_window()
    await examination.look("form, uploading")
    await form.fill(title="Mug", sku=uuid4().hex[:10], price="1")
    await form.save()
    await expect(form.page.get_by_role("button", name="Wait and save")).to_be_visible()
    await examination.look("question about unfinished images")
    await form.page.get_by_role("button", name="Keep editing").click()
    await form.open_window()
    proxy.cut(stay_closed=True)
    await expect(form.window.locator(".mf-banner", has_text="Nothing is lost")).to_be_visible()
    await examination.look("window, reconnecting")
    proxy.blocks_websockets = True
    proxy.mend()
    await expect(form.window.locator(".mf-banner", has_text="Live updates aren't available.")).to_be_visible(
        timeout=30_000
    )
    await examination.look("window, limited")
    await form.close_window()
    await examination.look("form, limited")


async def rarer_states(form: ProductForm, examination: Examination, folder: Path) -> None:
    """Check suggestions by file name, the sort menu and its undo, and the list of unsaved products."""
    await form.create()
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    paths = [folder / name for name in ("b.jpg", "red-front.jpg", "a.jpg")]
    for seed, path in enumerate(paths):
        path.write_bytes(picture(seed=seed))
    await form.stored_files(*paths)
    await expect(form.window.get_by_role("group", name="1 image looks like Red")).to_be_visible()
    await examination.look("window, offers by file name")
    await form.window.get_by_role("button", name="Sort Product images").click()
    await examination.look("menu that sorts")
    await form.window.get_by_role("menuitem", name="Sort by name").click()
    await expect(form.window.get_by_role("button", name="Put back")).to_be_visible()
    await examination.look("window, sorted")
    await form.page.goto(f"{form.url}/marketing/")
    await expect(form.page.locator(".unsaved-one").first).to_be_visible()
    await examination.look("list, unsaved products")
    await form.page.locator(".unsaved-one").first.get_by_role("link", name="Discard").click()
    await form.page.wait_for_url("**/discard/**")
    await examination.look("question before an unsaved product is discarded")


async def right_to_left(form: ProductForm, examination: Examination, folder: Path) -> None:
    """Check in Arabic: the form, the dialog with refused and removed files, a menu, a selection, the lightbox."""
    form.window = form.page.locator("dialog.mf-window")
    await form.create()
    await expect(form.page.locator("html")).to_have_attribute("dir", "rtl")
    await form.page.locator("manage-files .mf-open").click()
    await examination.look("window, empty, in Arabic")
    (folder / "prices.pdf").write_bytes(b"%PDF")
    await form.add([*write(folder, 1, 2, 3), folder / "prices.pdf"])
    await form.stored(3)
    await form.card("3.jpg").locator(".mf-card-actions button").last.click()
    await expect(form.cards(state="removed")).to_have_count(1)
    await examination.look("window, refused and removed files, in Arabic")
    await form.card("1.jpg").locator(".mf-card-more").click()
    await examination.look("menu of a card, in Arabic")
    await form.page.keyboard.press("Escape")
    await form.page.keyboard.press("ControlOrMeta+a")
    await expect(form.window.get_by_role("toolbar")).to_be_visible()
    await examination.look("window, selected images, in Arabic")
    await form.page.keyboard.press("Escape")
    await form.card("1.jpg").focus()
    await form.page.keyboard.press("Enter")
    await expect(form.page.locator(".mf-look-image")).to_be_visible()
    await examination.look("larger look, in Arabic")
