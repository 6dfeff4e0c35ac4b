import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import test from "node:test";

const FOLDER = new URL("../../../static/manage_files/", import.meta.url);
const PURE = [
  "admission", "backoff", "cards", "credit", "display_name", "draft", "intent_command", "lightbox_facts", "list_id", "lost_files", "news", "no_draft", "places", "problem_groups", "protocol", "selection", "sort_orders", "total_progress", "twins", "upload_queue", "variant_merge", "variant_names",
  "ways",
];

const read = async (name) => (await readFile(new URL(name, FOLDER), "utf8")).replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");

test("the pure modules know neither the page nor the network nor the clock", async () => {
  for (const name of PURE) {
    assert.doesNotMatch(await read(`${name}.js`), /\b(document|window|WebSocket|fetch|setTimeout|Date\.now|location)\b/, name);
  }
});

test("only connection.js touches the socket", async () => {
  for (const name of await readdir(FOLDER)) {
    if (name.endsWith(".js") && name !== "connection.js") assert.doesNotMatch(await read(name), /\bWebSocket\b/, name);
  }
});

test("only kept_files.js touches IndexedDB", async () => {
  for (const name of await readdir(FOLDER)) {
    if (name.endsWith(".js") && name !== "kept_files.js") assert.doesNotMatch(await read(name), /\b(indexedDB|IDB\w+)\b/, name);
  }
});

test("nothing builds markup from strings, inlines styles or exports a default", async () => {
  for (const name of await readdir(FOLDER)) {
    if (name.endsWith(".js")) assert.doesNotMatch(await read(name), /innerHTML|insertAdjacentHTML|style="|export default/, name);
  }
});
