import assert from "node:assert/strict";
import test from "node:test";

import { cards, isInProgress, isUnfinished, lacksBytes } from "../../../../static/manage_files/model/cards.js";
import { applyEvent, EMPTY_DRAFT } from "../../../../static/manage_files/model/draft.js";

function draftWith(info, ...events) {
  const file = {
    file: "a",
    name: "a.jpg",
    size: 100,
    content_type: "image/jpeg",
    file_type: "main_image",
    variant_temp_id: null,
    sequence: 0,
    state: "receiving",
    sending: true,
    attached: false,
    url: "",
    sha256: "",
    alt_text: "",
    width: null,
    height: null,
    taken_at: null,
    error: null,
    ...info,
  };
  const snapshot = { type: "snapshot", revision: 1, files: [file], variants: [], draft: {}, limits: {}, sockets: 1 };
  return [snapshot, { type: "connected", live: true }, ...events].reduce(applyEvent, EMPTY_DRAFT);
}

const state = (...parts) => cards(draftWith(...parts))[0].state;
const held = { type: "held", file: "a", held: true };
const turn = { type: "turn", file: "a", sending: true };
const received = (bytes) => ({ type: "received", file: "a", bytes });
const offline = { type: "connected", live: false };

test("a file of this tab waits, then uploads", () => {
  assert.equal(state({}, held), "queued");
  assert.equal(state({}, held, turn), "uploading");
});

test("all bytes received is not stored: only the server says that", () => {
  assert.equal(state({}, held, turn, received(100)), "processing");
  assert.equal(state({ state: "checking" }), "processing");
  assert.equal(state({ state: "storing" }), "processing");
  assert.equal(state({ state: "stored" }), "stored");
});

test("an unfinished file of another tab uploads elsewhere, or is interrupted when nobody sends it", () => {
  assert.equal(state({ sending: true }), "elsewhere");
  assert.equal(state({ sending: false }), "interrupted");
});

test("a file that another tab sent to the end and then left is interrupted, not checked for ever", () => {
  const before = draftWith({ sending: true }, { type: "progress", file: "a", received: 100, size: 100 });
  const { snapshot } = before;
  const after = applyEvent(before, { ...snapshot, revision: 2, files: [{ ...snapshot.files[0], sending: false }] });

  assert.equal(cards(before)[0].state, "processing");
  assert.equal(cards(after)[0].state, "interrupted");
  assert.equal(cards(applyEvent(before, held))[0].state, "processing");
});

test("without a connection a started file is paused, one that waits goes on waiting", () => {
  assert.equal(state({}, held, turn, received(40), offline), "paused");
  assert.equal(state({}, held, offline), "queued");
  assert.equal(state({ sending: true }, offline), "paused");
});

test("a file half sent waits for its turn after a reconnect", () => {
  assert.equal(state({ sending: false }, held, received(40)), "queued");
});

test("a rejected file says why", () => {
  const error = { code: "image_truncated", message: "Cut off.", retryable: false };
  const [card] = cards(draftWith({ state: "rejected", error }));

  assert.equal(card.state, "failed");
  assert.deepEqual(card.error, error);
});

test("a save waits for unfinished files; neither failed nor stored ones block it", () => {
  const blocks = (...parts) => isUnfinished(cards(draftWith(...parts))[0]);

  assert.ok(blocks({}, held));
  assert.ok(blocks({ state: "storing" }));
  assert.ok(!blocks({ state: "rejected" }));
  assert.ok(!blocks({ state: "stored" }));
  assert.ok(!blocks({ state: "attached" }));
});

test("an interrupted file lacks its bytes and is on nobody's way", () => {
  const [card] = cards(draftWith({ sending: false }));

  assert.ok(lacksBytes(card));
  assert.ok(!isInProgress(card));
  assert.ok(isUnfinished(card));
});

test("a queued card tells how many are ahead of it, over all lists", () => {
  const one = { ...draftWith({}).snapshot.files[0] };
  const files = ["a", "b", "c"].map((id, sequence) => ({
    ...one,
    file: id,
    sequence,
    ...(id === "c" ? { file_type: "variant_image", variant_temp_id: "red", sequence: 0 } : {}),
  }));
  const snapshot = { ...draftWith({}).snapshot, revision: 2, files, variants: [{ temp_id: "red", label: "Red" }] };
  const events = ["a", "b", "c"].map((file) => ({ type: "held", file, held: true }));

  assert.deepEqual(
    cards([snapshot, ...events].reduce(applyEvent, draftWith({}))).map(({ ahead }) => ahead),
    [0, 1, 2],
  );
});
