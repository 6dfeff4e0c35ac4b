import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";

let unsent;
let fresh = 0;

/** A storage as browsers have it: its keys are its own properties. */
function storage(limit = Number.POSITIVE_INFINITY) {
  const methods = {
    getItem(key) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(key, value) {
      const others = Object.keys(this).filter((other) => other !== key);
      const used = others.reduce((sum, other) => sum + this[other].length, 0);
      if (used + value.length > limit) throw new DOMException("full", "QuotaExceededError");
      this[key] = value;
    },
    removeItem(key) {
      delete this[key];
    },
  };
  return Object.create(methods);
}

/** What a script of another page has: the same storage, and nothing else. */
async function newPage() {
  fresh += 1;
  return import(`../../../../static/manage_files/recovery/unsent_edits.js?page=${fresh}`);
}

beforeEach(async () => {
  globalThis.localStorage = storage();
  globalThis.sessionStorage = storage();
  unsent = await newPage();
});

const edits = (text) => ({ text: { author: "p", sent: [], fields: { title: text } }, rows: null, changes: [] });

test("the next page of a tab takes what the page before it left, once", () => {
  const kept = new unsent.UnsentEdits("7", 7);
  kept.save("d", "p", edits("Mug"));
  kept.leave("d", "p", edits("Mug"));

  assert.equal(kept.takeLeft("another"), null);
  assert.deepEqual(kept.takeLeft("d"), edits("Mug"));
  assert.equal(kept.takeLeft("d"), null);
  assert.deepEqual(kept.others("d"), []);
});

test("a tab that was closed, or crashed, leaves it to any page of its draft", async () => {
  new unsent.UnsentEdits("7", 7).save("d", "p", edits("Mug"));
  const later = new (await newPage()).UnsentEdits("7", 7);

  assert.equal(later.takeLeft("d"), null);
  assert.deepEqual([later.others("d"), later.read("d", "p")], [["p"], edits("Mug")]);
  assert.deepEqual(later.others("another"), []);
  later.settle("d", "p", edits("Mug"), null);
  assert.deepEqual(later.others("d"), []);
});

test("of what another page has kept only the rest stays, unless it has kept something else meanwhile", async () => {
  const kept = new unsent.UnsentEdits("7", 7);
  const other = new (await newPage()).UnsentEdits("7", 7);
  kept.save("d", "p", edits("Mug and price"));
  other.settle("d", "p", edits("Mug and price"), edits("Price"));
  assert.deepEqual(other.read("d", "p"), edits("Price"));

  kept.save("d", "p", edits("Typed since"));
  other.settle("d", "p", edits("Price"), null);
  other.settle("d", "p", edits("Price"), edits("Rest"));
  assert.deepEqual(other.read("d", "p"), edits("Typed since"));
});

test("what is to stay as it is is not written again", () => {
  const kept = new unsent.UnsentEdits("7", 7);
  kept.save("d", "p", edits("Mug"));
  const write = mock.method(localStorage, "setItem");
  kept.settle("d", "p", edits("Mug"), edits("Mug"));

  assert.equal(write.mock.callCount(), 0);
});

test("tabs of one draft do not write over each other", async () => {
  const [one, other] = [new unsent.UnsentEdits("7", 7), new (await newPage()).UnsentEdits("7", 7)];
  one.save("d", "p", edits("Mine"));
  other.save("d", "q", edits("Other"));
  one.clear();

  assert.deepEqual(one.others("d"), ["q"]);
  assert.deepEqual(other.others("d"), []);
});

test("a page that goes on with another draft has one entry", async () => {
  const kept = new unsent.UnsentEdits("7", 7);
  kept.save("d", "p", edits("Mug"));
  kept.save("e", "p", edits("Mug"));

  const later = new (await newPage()).UnsentEdits("7", 7);
  assert.deepEqual([later.others("d").length, later.others("e").length], [0, 1]);
});

test("what is handed over stays when the page that did so has nothing more to keep", () => {
  const kept = new unsent.UnsentEdits("7", 7);
  kept.handOver("e", "p", edits("Copied"));
  kept.clear();

  assert.deepEqual(kept.takeLeft("e"), edits("Copied"));
});

test("nothing is kept for longer than text is, and ten minutes where that is not at all", () => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const [week, none] = [new unsent.UnsentEdits("7", 7), new unsent.UnsentEdits("7", 0)];
  week.handOver("d", "p", edits("Mug"));
  none.handOver("e", "p", edits("Mug"));
  mock.timers.setTime(1_000_000 + 600_000);
  assert.equal(none.takeLeft("e"), null);
  mock.timers.setTime(1_000_000 + 7 * 86_400_000 - 1);
  assert.deepEqual(unsent.pruneEdits("7"), ["d"]);
  mock.timers.setTime(1_000_000 + 7 * 86_400_000);
  assert.equal(week.takeLeft("d"), null);
  assert.deepEqual(unsent.pruneEdits("7"), []);
  assert.deepEqual(Object.keys(localStorage), []);
  mock.timers.reset();
});

test("another user sees nothing, and takes it away by signing in", async () => {
  new unsent.UnsentEdits("7", 7).save("d", "p", edits("Mug"));
  const other = await newPage();
  assert.deepEqual(new other.UnsentEdits("71", 7).others("d"), []);
  other.pruneEdits("71");

  assert.deepEqual(Object.keys(localStorage), []);
});

const entries = () => Object.keys(localStorage).filter((key) => key.startsWith("manage-files:edits:"));

test("signing out deletes all of it, and the page that is left keeps no more", async () => {
  const kept = new unsent.UnsentEdits("7", 7);
  kept.save("d", "p", edits("Mug"));
  // The script that signs out is another one.
  (await newPage()).clearAllEdits();
  kept.save("d", "p", edits("Mug"));
  kept.leave("d", "p", edits("Mug"));

  assert.deepEqual(entries(), []);
  assert.equal(new (await newPage()).UnsentEdits("7", 7).takeLeft("d"), null);
});

test("after a sign-out in another tab only this tab has it, until its session is back", async () => {
  const kept = new unsent.UnsentEdits("7", 7);
  const other = await newPage();
  const mine = globalThis.sessionStorage;
  globalThis.sessionStorage = storage();
  other.clearAllEdits();
  globalThis.sessionStorage = mine;
  kept.save("d", "p", edits("Mug"));
  kept.leave("d", "p", edits("Mug"));
  assert.deepEqual(entries(), []);

  const again = new (await newPage()).UnsentEdits("7", 7);
  assert.deepEqual(again.takeLeft("d"), edits("Mug"));
  assert.equal(again.takeLeft("d"), null);
  kept.resume();
  kept.save("d", "p", edits("Mug"));
  assert.equal(entries().length, 1);
});

test("a draft that was saved or discarded takes all of its entries along", async () => {
  new unsent.UnsentEdits("7", 7).save("d", "p", edits("Mug"));
  new (await newPage()).UnsentEdits("7", 7).save("dd", "q", edits("Cup"));
  unsent.dropEdits("7", "d");

  assert.deepEqual(unsent.pruneEdits("7"), ["dd"]);
});

test("there are so many entries, of so many characters, and the oldest go first", () => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const kept = new unsent.UnsentEdits("7", 7);
  for (let number = 0; number < 25; number += 1) {
    mock.timers.setTime(1_000_000 + number);
    kept.handOver(`d${number}`, "p", edits("Mug"));
  }
  kept.handOver("long", "p", edits("x".repeat(1_000_000)));

  assert.equal(Object.keys(localStorage).length, 20);
  assert.deepEqual([kept.takeLeft("d4"), kept.takeLeft("d5"), kept.takeLeft("long")], [null, edits("Mug"), null]);
  mock.timers.reset();
});

test("where there is no room the oldest makes some", () => {
  globalThis.localStorage = storage(3_000);
  mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const kept = new unsent.UnsentEdits("7", 7);
  for (const [at, draft] of ["a", "b", "c"].entries()) {
    mock.timers.setTime(1_000_000 + at);
    kept.handOver(draft, "p", edits("x".repeat(1_200)));
  }

  assert.deepEqual([kept.takeLeft("a"), kept.takeLeft("c")], [null, edits("x".repeat(1_200))]);
  mock.timers.reset();
});

test("where something else fills the storage, a text that finds no room takes nothing away", () => {
  globalThis.localStorage = storage(10_000);
  const kept = new unsent.UnsentEdits("7", 7);
  for (const draft of ["a", "b", "c"]) kept.handOver(draft, "p", edits("x".repeat(1_000)));
  const before = entries();
  localStorage.setItem("another script's", "x".repeat(6_500));
  kept.handOver("d", "p", edits("x".repeat(5_000)));

  assert.deepEqual(entries(), before);
  assert.deepEqual(kept.takeLeft("b"), edits("x".repeat(1_000)));
});

test("what a page of the version before left in this tab is taken for ten minutes", () => {
  const before = { ...edits("Mug"), fields: { title: ["Mug"] } };
  sessionStorage.setItem("manage-files:d", JSON.stringify({ at: Date.now(), edits: before }));

  assert.deepEqual(new unsent.UnsentEdits("7", 7).takeLeft("d"), before);
  sessionStorage.setItem("manage-files:d", JSON.stringify({ at: Date.now() - 600_000, edits: before }));
  assert.equal(new unsent.UnsentEdits("7", 7).takeLeft("d"), null);
});

test("a browser that forbids the storage loses nothing but the copy", () => {
  delete globalThis.localStorage;
  delete globalThis.sessionStorage;
  const kept = new unsent.UnsentEdits("7", 7);
  kept.save("d", "p", edits("Mug"));
  kept.leave("d", "p", edits("Mug"));

  assert.equal(kept.takeLeft("d"), null);
  assert.deepEqual(kept.others("d"), []);
  kept.clear();
});

test("where nobody is named nothing outlives the tab", () => {
  const kept = new unsent.UnsentEdits("", 7);
  kept.save("d", "p", edits("Mug"));
  kept.leave("d", "p", edits("Mug"));

  assert.deepEqual(Object.keys(localStorage), []);
  assert.deepEqual(kept.takeLeft("d"), edits("Mug"));
});
