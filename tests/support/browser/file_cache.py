"""Inspect what a browser has cached of a draft's files, and whether what was stored is what was chosen."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from playwright.async_api import Page

from tests.support.servers.server import Server

NO_STORAGE = """Object.defineProperty(window, "indexedDB", {
  get() { throw new DOMException("The user forbids it.", "SecurityError"); },
});"""
"""A script that makes the browser's storage fail."""
UNTIL = """
async ([store, isRight, wanted]) => {
  const holds = eval(isRight);
  const database = await new Promise((resolve) => {
    indexedDB.open("manage-files", 1).onsuccess = ({ target }) => resolve(target.result);
  });
  const until = Date.now() + 20000;
  for (let all; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 50))) {
    all = await new Promise((resolve) => {
      const rows = [];
      database.transaction(store).objectStore(store).openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return resolve(rows);
        rows.push([cursor.key, cursor.value]);
        cursor.continue();
      };
    });
    if (holds(all, wanted)) {
      database.close();
      return true;
    }
  }
  database.close();
  return false;
}
"""
"""Poll the browser's cache until `condition` holds; return whether it ever did."""
COUNT = "(rows, [draft, count]) => rows.filter(([key]) => !draft || key[1] === draft).length === count"
AS_SHOWN = """
(rows, draft) => {
  const cards = [...document.querySelectorAll("dialog [data-droppable] > [data-file-id]")];
  const lists = rows.find(([key]) => key[1] === draft)?.[1].lists ?? [];
  const shown = cards.map((card) => card.dataset.fileId);
  return lists.length === 2 && lists.flatMap(({ files }) => files).join() === shown.join();
}
"""


async def expect_kept(page: Page, count: int, draft: str = "") -> None:
    """Wait until the browser has cached exactly `count` files, of `draft` or of all drafts."""
    assert await page.evaluate(UNTIL, ["files", COUNT, [draft, count]])


async def keeps_in_order(page: Page, draft: str) -> None:
    """Wait until the browser has cached the lists of `draft` as the dialog shows them."""
    assert await page.evaluate(UNTIL, ["outlines", AS_SHOWN, draft])


def stored_bytes(server: Server, draft: str) -> dict[str, str]:
    """Return name and SHA-256 of every stored file of the draft, read from the store."""
    rows = server.query(
        "SELECT name, store_key FROM draft_uploads_file WHERE draft_id = ? AND state = 'stored'", draft.replace("-", "")
    )
    return {str(n): sha256((server.var / "files" / str(k)).read_bytes()).hexdigest() for n, k in rows}


def digest(*paths: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}
