import assert from "node:assert/strict";
import { test } from "node:test";
import { keptUntil } from "../../../../static/manage_files/model/kept_until.js";

test("a draft is kept for N after the connection was lost", () => {
  assert.equal(keptUntil({ since: 1000, seconds: 5 }), 6000);
  assert.equal(keptUntil({ since: 1000, seconds: 5, askedUntil: null }), 6000);
});

test("what the user asked to keep is kept as long, and never shorter than N", () => {
  assert.equal(keptUntil({ since: 1000, seconds: 5, askedUntil: 9000 }), 9000);
  assert.equal(keptUntil({ since: 1000, seconds: 5, askedUntil: 2000 }), 6000);
});
