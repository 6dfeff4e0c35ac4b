import assert from "node:assert/strict";
import test from "node:test";

import { viewModelOf } from "../../../../static/manage_files/app/view_model.js";
import { applyEvent, EMPTY_DRAFT } from "../../../../static/manage_files/model/draft.js";
import { IDLE } from "../../../../static/manage_files/model/total_progress.js";

const NOW = Date.now();
const limits = { max_files: 50, max_file_bytes: 20_000_000, content_types: ["image/jpeg"] };
const image = (id, more = {}) => ({
  file: id,
  name: `${id}.jpg`,
  size: 100,
  state: "stored",
  sequence: 0,
  variant_temp_id: null,
  sending: false,
  attached: false,
  error: null,
  url: "",
  alt_text: "",
  taken_at: null,
  ...more,
});

/** What is shown of a draft with these files, in this state of its connection. */
function shown(files, { connection = "live", lostSecondsAgo = 0, held = [], waiting = [], ended = null } = {}) {
  const facts = { grace_seconds: 20, grace_seconds_lost: 60, kept_until: null };
  const draft = applyEvent(EMPTY_DRAFT, { type: "snapshot", revision: 1, variants: [], files, limits, draft: facts });
  const live = {
    draft,
    connection,
    ended,
    disconnectedSince: NOW - lostSecondsAgo * 1000,
    isOpen: connection !== "expired",
    uploads: { fileOf: (id) => (held.includes(id) ? {} : null) },
  };
  const nothing = { problems: [], notices: [], newDraftError: "", problem: "", isReordered: false };
  return viewModelOf(live, { ...nothing, total: IDLE, waiting, selected: new Set(), undoable: new Set() });
}

test("a connection that was lost has the longer grace, one that was closed the shorter", () => {
  assert.equal(shown([image("a")], { connection: "reconnecting" }).status.until, NOW + 60_000);
  assert.equal(shown([image("a")], { connection: "signed_out" }).status.until, NOW + 20_000);
});

test("an empty draft has nothing that would be kept until any time", () => {
  assert.equal(shown([], { connection: "reconnecting" }).status.until, null);
});

test("who is signed out for longer than the grace is shown what expired", () => {
  const before = shown([image("a")], { connection: "signed_out", lostSecondsAgo: 20 });
  const after = shown([image("a")], { connection: "signed_out", lostSecondsAgo: 26, held: ["a"] });

  assert.equal(before.status.state, "signed_out");
  assert.equal(after.status.state, "expired");
  assert.deepEqual(after.status.ended.names, ["a.jpg"]);
  assert.equal(after.status.isSignedOut, true);
});

test("the images of the product outlive its draft", () => {
  const attached = image("a", { state: "attached", attached: true });

  assert.equal(shown([attached], { connection: "signed_out", lostSecondsAgo: 600 }).status.state, "signed_out");
});

test("of an expired draft nothing counts, and what this browser holds can be restored", () => {
  const ended = { type: "ended", reason: "expired", by: "", url: "", names: ["a.jpg", "b.jpg"] };
  const view = shown([image("a"), image("b")], { connection: "expired", ended, held: ["a"] });

  assert.equal(view.count, 0);
  assert.deepEqual(view.removedCards, []);
  assert.deepEqual(view.status.end.held, ["a.jpg"]);
  assert.deepEqual(view.status.end.lost, ["b.jpg"]);
});

test("what was thrown away is not offered again", () => {
  const ended = { type: "ended", reason: "discarded", by: "demo", url: "", names: ["a.jpg"] };
  const view = shown([image("a")], { connection: "discarded", ended, held: ["a"], waiting: ["c.jpg"] });

  assert.deepEqual(view.status.end.held, []);
});

test("the hint is for those who can still change the order", () => {
  assert.notEqual(shown([image("a")]).hint, "");
  assert.equal(shown([]).hint, "");
});
