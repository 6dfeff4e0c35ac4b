import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = { cookie: "" };
globalThis.FormData = class {};
const { requestSave } = await import("../../../../static/manage_files/form/save_request.js");
const form = { getAttribute: () => "/save/", querySelector: () => null };

/** What a save is answered with, when the server answers so. */
async function asked(answer) {
  globalThis.fetch = async () => answer();
  return requestSave(form, null);
}

const json = (value, status = 200) =>
  new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json" } });
const page = (status) => new Response("<html>", { status, headers: { "Content-Type": "text/html" } });

test("a save that was made leads to its product", async () => {
  assert.deepEqual(await asked(() => json({ url: "/product/1/" })), { url: "/product/1/", status: 200 });
});

test("a form that has to be sent as a page has no address", async () => {
  assert.deepEqual(await asked(() => page(200)), { url: "", status: 200 });
  assert.deepEqual(await asked(() => page(500)), { url: "", status: 500 });
  assert.deepEqual(await asked(() => json({}, 400)), { url: "", status: 400 });
});

test("a proxy without a server, and a network that is gone, leave open whether it is saved", async () => {
  for (const status of [502, 503, 504]) assert.equal(await asked(() => page(status)), null);
  assert.equal(await asked(() => Promise.reject(new TypeError("no network"))), null);
});
