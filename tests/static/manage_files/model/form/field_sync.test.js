// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { sameValues, syncField } from "../../../../../static/manage_files/model/form/field_sync.js";

const ME = new Set(["me"]);
const field = (value, revision, author = "other", offers = []) => ({
  values: [value],
  revision,
  author,
  name: "",
  offers: offers.map(([text, by]) => ({ values: [text], author: by, name: "" })),
});
const local = (shown, agreed, revision, isSending = false) => ({
  shown: [shown],
  agreed: { values: [agreed], revision },
  isSending,
});
const texts = ({ offers }) => offers.map(({ values }) => values[0]);

test("an untouched field takes the newer value", () => {
  const { take, agreed, offers } = syncField(local("11", "11", 3), field("12", 5), ME);
  assert.deepEqual([take, agreed, offers], [true, { values: ["12"], revision: 5 }, []]);
});

test("what was typed here stays, and the other value is on offer", () => {
  const decision = syncField(local("13", "11", 3), field("12", 5), ME);
  assert.deepEqual([decision.take, decision.agreed.revision, texts(decision)], [false, 3, ["12"]]);
});

test("what is on its way stays", () => {
  assert.deepEqual(texts(syncField(local("13", "11", 3, true), field("12", 5), ME)), ["12"]);
});

test("what was confirmed stays when another tab replaced it unseen", () => {
  const decision = syncField(local("13", "13", 4), field("12", 5, "other", [["13", "me"]]), ME);
  assert.deepEqual([decision.take, texts(decision)], [false, ["12"]]);
});

test("what another tab replaced on purpose is replaced here", () => {
  assert.equal(syncField(local("13", "13", 4), field("12", 5), ME).take, true);
});

test("equal values never ask, and are agreed on", () => {
  const { take, agreed, offers } = syncField(local("12", "11", 3), field("12", 5), ME);
  assert.deepEqual([take, agreed.revision, offers], [false, 5, []]);
});

test("a value this page began with counts as seen, at whatever revision it got there", () => {
  assert.equal(syncField(local("13", "11", 0), field("11", 5), ME).agreed.revision, 5);
});

test("a value that a form came back with counts as seen, although nothing is agreed on", () => {
  const unknown = { ...local("13", "", 0), agreed: { values: [], revision: 0 }, loaded: ["11"] };
  const decision = syncField(unknown, field("11", 5), ME);
  assert.deepEqual([decision.take, decision.agreed.revision, texts(decision)], [false, 5, []]);
});

test("a value that was agreed on is not offered while another is typed", () => {
  assert.deepEqual(texts(syncField(local("13", "11", 5), field("11", 5), ME)), []);
});

test("an older snapshot changes nothing", () => {
  assert.equal(syncField(local("13", "13", 6), field("12", 5), ME).take, false);
});

test("the typed text of this page before a reload is not another tab's", () => {
  const mine = new Set(["me", "me before"]);
  assert.deepEqual(texts(syncField(local("13", "11", 3), field("12", 5, "me before"), mine)), []);
});

test("values are compared one by one", () => {
  assert.equal(sameValues(["a", "b"], ["a", "b"]), true);
  assert.equal(sameValues(["a"], ["a", "b"]), false);
  assert.equal(sameValues(["a"], ["b"]), false);
});

/** `uploads/drafts/field_merge.py`, which has the same test. */
function mergeField(base, { text, author }, current, revision) {
  if (!current) return field(text, revision, author);
  const others = current.offers.filter((offer) => offer.author !== author && offer.values[0] !== text);
  if (current.values[0] === text) return { ...current, offers: others };
  const isUndecided = base < current.revision || current.offers.some((offer) => offer.author === author);
  const { values, author: by } = current;
  if (by !== author && isUndecided) others.unshift({ values, author: by, name: "" });
  return { ...field(text, revision, author), offers: others };
}

class Editor {
  shown = "";
  agreed = { values: [""], revision: 0 };
  offers = /** @type {string[]} */ ([]);
  outbox = /** @type {any[]} */ ([]);
  inbox = /** @type {any[]} */ ([]);
  seen = /** @type {any} */ (null);
  replaced = new Set();
  done = new Map();
  isAsked = false;
  constructor(name) {
    this.name = name;
  }
  type(text) {
    this.replaced.add(this.shown);
    this.shown = text;
  }
  send() {
    const newest = this.outbox.at(-1)?.text ?? this.agreed.values[0];
    if (this.shown !== newest || this.isAsked) this.outbox.push({ text: this.shown, base: this.agreed.revision });
    this.isAsked = false;
  }
  see(current) {
    this.seen = current;
    const mine = new Set([this.name]);
    const { shown, agreed, outbox } = this;
    const decision = syncField({ shown: [shown], agreed, isSending: outbox.length > 0 }, current, mine);
    this.agreed = decision.agreed;
    this.isAsked = decision.isAsked;
    if (decision.take) this.shown = current.values[0];
    this.offers = texts(decision);
  }
}

function world(random) {
  const editors = [new Editor("a"), new Editor("b")];
  const server = { field: /** @type {any} */ (null), revision: 1 };
  const typed = new Set();
  const deliver = (editor, isAnswered) => {
    const [message] = editor.outbox;
    if (!message) return;
    if (!editor.done.has(message)) {
      editor.done.set(message, ++server.revision);
      const { base, text } = message;
      server.field = mergeField(base, { text, author: editor.name }, server.field, server.revision);
      for (const each of editors) each.inbox.push(server.field);
    }
    if (!isAnswered) return;
    editor.outbox.shift();
    editor.agreed = { values: [message.text], revision: editor.done.get(message) };
    if (editor.seen) editor.see(editor.seen);
  };
  const steps = [
    (editor, at) => {
      const text = random() < 0.2 ? "same" : `${editor.name}${at}`;
      editor.type(text);
      typed.add(text);
    },
    (editor) => editor.send(),
    (editor) => deliver(editor, true),
    (editor) => deliver(editor, false),
    (editor) => editor.inbox.length && editor.see(editor.inbox.shift()),
    (editor) => editor.inbox.splice(0),
    (editor) => editor.offers.length && editor.type(editor.offers[0]),
  ];
  const settle = () => {
    for (let round = 0; round < 50; round += 1)
      for (const editor of editors) {
        editor.send();
        deliver(editor, true);
        editor.inbox.splice(0);
        if (server.field) editor.see(server.field);
      }
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  for (let at = 0; at < 40; at += 1) pick(steps)(pick(editors), at);
  settle();
  return { editors, server, typed, settle };
}

/** Mulberry32. */
function randomOf(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test("any interleaving of two editors: nothing typed gets out of reach, and a choice makes both one", () => {
  for (let seed = 0; seed < 5000; seed += 1) {
    const { editors, server, typed, settle } = world(randomOf(seed));
    if (!server.field) continue;
    const kept = new Set([server.field, ...server.field.offers].map(({ values }) => values[0]));
    for (const text of typed)
      assert.ok(kept.has(text) || editors.some(({ replaced }) => replaced.has(text)), `seed ${seed}: ${text}`);
    for (const { shown, offers } of editors) assert.deepEqual(new Set([shown, ...offers]), kept, `seed ${seed}`);
    if (editors[0].offers.length) editors[0].type(editors[0].offers[0]);
    settle();
    assert.equal(editors[0].shown, editors[1].shown, `seed ${seed}`);
    assert.deepEqual([editors[0].offers, editors[1].offers], [[], []], `seed ${seed}`);
  }
});
