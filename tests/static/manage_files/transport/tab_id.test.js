import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { tabId } from "../../../../static/manage_files/transport/tab_id.js";

let kept;

beforeEach(() => {
  kept = new Map();
  globalThis.sessionStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
});

test("the page after a reload has the id of the one before", () => {
  const page = new EventTarget();
  const id = tabId(page);
  page.dispatchEvent(new Event("pagehide"));

  assert.equal(tabId(new EventTarget()), id);
});

test("a copy of a tab that is still there has an id of its own", () => {
  const id = tabId(new EventTarget());

  assert.notEqual(tabId(new EventTarget()), id);
});

test("a page that comes back from the cache takes its id back", () => {
  const page = new EventTarget();
  tabId(page);
  page.dispatchEvent(new Event("pagehide"));
  page.dispatchEvent(new Event("pageshow"));

  assert.equal(kept.size, 0);
});

test("without storage every page has an id nevertheless", () => {
  globalThis.sessionStorage = {
    getItem: () => {
      throw new Error("forbidden");
    },
  };

  assert.match(tabId(new EventTarget()), /^[0-9a-f-]{36}$/);
});
