import assert from "node:assert/strict";
import test from "node:test";

import { applyEvent, EMPTY_DRAFT } from "../../../../static/manage_files/model/draft.js";
import { UploadRecovery } from "../../../../static/manage_files/recovery/upload_recovery.js";

const settle = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));
const bytes = (name) => new File(["x"], name);
const info = (file, more = {}) => ({
  file,
  name: `${file}.jpg`,
  size: 10,
  sequence: 0,
  state: "receiving",
  sending: false,
  attached: false,
  variant_temp_id: null,
  error: null,
  ...more,
});

/** What a browser keeps of one draft; `room` is how many files fit. */
class FakeStore {
  room = Infinity;
  lists = [];
  cleared = false;

  constructor(...names) {
    this.files = new Map(names.map((id) => [id, { id, content: bytes(`${id}.jpg`), list: "" }]));
  }

  async put(file) {
    if (this.files.size >= this.room) return false;
    this.files.set(file.id, file);
    return true;
  }

  async loadAll() {
    return new Map(this.files);
  }

  async remove(ids) {
    for (const id of ids) this.files.delete(id);
  }

  async saveOutline(lists) {
    this.lists = lists;
  }

  async loadOutline() {
    return { lists: this.lists, removed: [] };
  }

  async clear() {
    this.files.clear();
    this.cleared = true;
  }
}

/** The draft without a server: what is carried is only held. */
class FakeLive extends EventTarget {
  draft = EMPTY_DRAFT;
  connection = "live";
  isOpen = true;
  files = new Map();
  did = [];
  revision = 0;
  uploads = this;

  says(...files) {
    this.revision += 1;
    this.on({ type: "snapshot", revision: this.revision, variants: [], files });
  }

  on(event) {
    this.draft = applyEvent(this.draft, event);
    this.dispatchEvent(new Event("change"));
  }

  ends(connection) {
    Object.assign(this, { connection, isOpen: false });
    this.dispatchEvent(new Event("change"));
  }

  fileOf(id) {
    return this.files.get(id) ?? null;
  }

  addLocalFile(id, file) {
    this.files.set(id, file);
  }

  markSearching(file, isSearching) {
    this.on({ type: "searching", file, isSearching });
  }

  forgetFile(file) {
    this.did.push(`forget ${file}`);
    this.on({ type: "forgotten", file });
  }

  resumeFile(id, file) {
    this.did.push(`resume ${id}`);
    this.add(id, file);
  }

  announce({ id, file, list }) {
    this.did.push(`announce ${id}`);
    this.on({ type: "changed", change: { op: id, kind: "add", file: id, list, info: info(id) } });
    this.add(id, file);
  }

  add(id, file = bytes(`${id}.jpg`)) {
    this.files.set(id, file);
    this.on({ type: "held", file: id, held: true });
  }

  letsGo(id) {
    this.on({ type: "held", file: id, held: false });
  }
}

function page(t, store) {
  const live = new FakeLive();
  const said = [];
  const full = [];
  const recovery = new UploadRecovery({
    live,
    cache: store,
    say: (sentence) => said.push(sentence),
    onFull: (files) => full.push(files),
  });
  recovery.start();
  t.after(() => recovery.stop());
  return { live, recovery, said, full };
}

test("what is added is kept, in its list and outline; what was removed is not", async (t) => {
  const store = new FakeStore();
  const { live, recovery } = page(t, store);
  live.says();
  live.announce({ id: "a", file: bytes("a.jpg"), list: "" });
  live.announce({ id: "b", file: bytes("b.jpg"), list: "" });
  await recovery.whenCached();
  assert.deepEqual([...store.files.keys()], ["a", "b"]);
  assert.deepEqual(store.lists[0].files, ["a", "b"]);
  live.says(info("a"), info("b"));
  live.says(info("b"));
  await settle();

  assert.deepEqual([...store.files.keys()], ["b"]);
});

test("a file the server does not take is not kept", async (t) => {
  const store = new FakeStore();
  const { live, recovery } = page(t, store);
  live.says();
  live.announce({ id: "a", file: bytes("a.jpg"), list: "" });
  await recovery.whenCached();
  live.on({ type: "forgotten", file: "a" });
  await settle();

  assert.equal(store.files.size, 0);
});

test("after a reload interrupted files go on by themselves, and it is said once", async (t) => {
  const { live, said } = page(t, new FakeStore("a", "b", "c"));
  live.says(info("a"), info("b"), info("c", { state: "stored" }), info("d"));
  assert.deepEqual([...live.draft.searching], ["a", "b", "d"]);
  await settle(150);

  assert.deepEqual(live.did, ["resume a", "resume b"]);
  assert.deepEqual([...live.draft.searching], []);
  assert.deepEqual(said, ["2 uploads resumed."]);
  assert.ok(live.fileOf("c"), "its preview, and the way back after an expiry");
});

test("a file another tab sends is left alone until that tab is gone", async (t) => {
  const { live } = page(t, new FakeStore("a"));
  live.says(info("a", { sending: true }));
  await settle();
  assert.deepEqual(live.did, []);
  live.says(info("a"));
  await settle();

  assert.deepEqual(live.did, ["resume a"]);
});

test("a tab whose transfer was taken over does not take it back", async (t) => {
  const { live } = page(t, new FakeStore("a"));
  live.says(info("a"));
  await settle();
  live.on({ type: "forgotten", file: "a" });
  live.says(info("a"));
  await settle();

  assert.deepEqual(live.did, ["resume a"]);
});

test("files the server never heard of are announced in their old order", async (t) => {
  const store = new FakeStore("a", "b", "c");
  store.lists = [{ id: "", label: "", files: ["c", "a", "b"] }];
  const { live } = page(t, store);
  live.says(info("b"));
  await settle();

  assert.deepEqual(live.did, ["announce c", "announce a", "resume b"]);
});

test("a file that was removed before the reload is answered for, never seen, and forgotten", async (t) => {
  const store = new FakeStore("a");
  const { live } = page(t, store);
  live.says();
  await settle();
  live.letsGo("a");
  live.says();
  await settle();

  assert.deepEqual(live.did, ["announce a", "forget a"]);
  assert.equal(store.files.size, 0);
});

test("what does not fit is told, the rest is kept", async (t) => {
  const store = new FakeStore();
  store.room = 1;
  const { live, recovery, full } = page(t, store);
  live.says();
  for (const id of ["a", "b", "c"]) live.announce({ id, file: bytes(`${id}.jpg`), list: "" });
  await recovery.whenCached();

  assert.deepEqual(full, [["b", "c"]]);
});

test("a save and a discard clear, an expiry does not", async (t) => {
  for (const [state, cleared] of [
    ["committed", true],
    ["discarded", true],
    ["expired", false],
  ]) {
    const store = new FakeStore("a");
    const { live } = page(t, store);
    live.says(info("a", { state: "stored" }));
    live.ends(state);

    assert.equal(store.cleared, cleared, state);
  }
});

test("nothing is written while nobody is signed in; a new sign-in makes the running uploads safe again", async (t) => {
  const store = new FakeStore();
  const { live, recovery } = page(t, store);
  live.says();
  live.announce({ id: "a", file: bytes("a.jpg"), list: "" });
  await recovery.whenCached();
  live.connection = "signed_out";
  live.dispatchEvent(new Event("change"));
  store.files.clear();
  live.announce({ id: "b", file: bytes("b.jpg"), list: "" });
  await settle();
  assert.equal(store.files.size, 0);
  live.connection = "live";
  live.says(info("a"), info("b"));
  await recovery.whenCached();

  assert.deepEqual([...store.files.keys()], ["a", "b"]);
});
