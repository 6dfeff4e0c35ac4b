import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import test from "node:test";

const FOLDER = new URL("../../../../static/manage_files/", import.meta.url);
const PURE_FOLDERS = /^model\//;
const PURE = new Set([
  "add/duplicate_finder.js",
  "app/change_summary.js",
  "arrange/sorting.js",
  "client/validation.js",
  "recovery/expired_draft.js",
  "text/messages.js",
  "transport/backoff.js",
  "transport/protocol.js",
  "transport/transport_choice.js",
  "upload/flow_control.js",
]);

/** The code of every module, without comments, by its path. */
const modules = new Map();
for (const name of await readdir(FOLDER, { recursive: true })) {
  if (!name.endsWith(".js")) continue;
  const source = await readFile(new URL(name, FOLDER), "utf8");
  modules.set(name, source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ""));
}

/**
 * @param {RegExp} pattern
 * @param {(name: string) => boolean} isMeant
 */
function doesNotMatch(pattern, isMeant) {
  const meant = [...modules].filter(([name]) => isMeant(name));
  assert.ok(meant.length > 0);
  for (const [name, code] of meant) assert.doesNotMatch(code, pattern, name);
}

test("the pure modules know neither the page nor the network nor the clock", () => {
  assert.deepEqual(
    [...PURE].filter((name) => !modules.has(name)),
    [],
  );
  doesNotMatch(
    /\b(document|window|WebSocket|fetch|setTimeout|Date\.now|location)\b/,
    (name) => PURE_FOLDERS.test(name) || PURE.has(name),
  );
});

test("the transport knows no elements of the page", () => {
  doesNotMatch(/\b(querySelector\w*|getElement\w*|createElement|closest|\w*Element|cookie)\b/, (name) =>
    name.startsWith("transport/"),
  );
});

test("only connection.js touches the socket", () => {
  doesNotMatch(/\bWebSocket\b/, (name) => name !== "transport/connection.js");
});

test("only file_cache.js touches IndexedDB", () => {
  doesNotMatch(/\b(indexedDB|IDB\w+)\b/, (name) => name !== "recovery/file_cache.js");
});

test("nothing builds markup from strings, inlines styles or exports a default", () => {
  doesNotMatch(/innerHTML|insertAdjacentHTML|style="|export default/, () => true);
});
