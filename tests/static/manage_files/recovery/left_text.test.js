import assert from "node:assert/strict";
import test from "node:test";

import { sendLeft, textIn } from "../../../../static/manage_files/recovery/left_text.js";
import { DisconnectedError, RefusedError } from "../../../../static/manage_files/transport/requests.js";

/** A draft that notes what it is sent; `refuse` says how it answers. */
function draft(fields, refuse = () => null) {
  const sent = [];
  const saveText = async (message) => {
    sent.push(message);
    const error = refuse(message);
    if (error) throw error;
    return { revision: 9 };
  };
  return { sent, draft: { snapshot: { fields }, live: true }, saveText };
}

const field = (text, revision) => ({ values: [text], revision });
const left = (fields, sent = []) => ({ author: "page", sent, fields });
const typed = (text, agreed, revision, op) => ({ values: [text], agreed: { values: [agreed], revision }, op });

test("text goes in the name of its page, with the op it was kept with", async () => {
  const live = draft({});
  const answer = await sendLeft(live, left({ title: typed("Mug", "", 0, "op1") }));

  assert.deepEqual(answer, { unsent: new Set(), refused: {} });
  assert.deepEqual(live.sent, [
    { type: "edit", op: "op1", author: "page", fields: { title: { values: ["Mug"], base: 0 } } },
  ]);
});

test("what was on its way goes again as it was, and what is typed after it follows", async () => {
  const live = draft({});
  const sent = [{ op: "op0", fields: { title: { values: ["Mug"], base: 3 }, sku: { values: ["M"], base: 3 } } }];
  await sendLeft(live, left({ title: typed("Mug", "", 3, "op1"), sku: typed("M-1", "", 3, "op2") }, sent));

  assert.deepEqual(
    live.sent.map(({ op, fields }) => [op, Object.keys(fields)]),
    [
      ["op0", ["title", "sku"]],
      ["op2", ["sku"]],
    ],
  );
});

test("a value the draft still has was known, whatever its revision is by now", async () => {
  const live = draft({ title: field("Mug", 7), sku: field("Other", 8) });
  await sendLeft(live, left({ title: typed("Blue mug", "Mug", 3, "a"), sku: typed("Mine", "M", 3, "b") }));

  assert.deepEqual(
    live.sent.map(({ fields }) => Object.values(fields)[0].base),
    [7, 3],
  );
});

test("what is refused for good is handed back, what is refused for the moment stays", async () => {
  const error = (retryable) => new RefusedError({ code: "x", message: "", retryable });
  const live = draft({}, ({ op }) => ({ long: error(false), busy: error(true) })[op]);
  const answer = await sendLeft(live, left({ title: typed("x", "", 0, "long"), sku: typed("y", "", 0, "busy") }));

  assert.deepEqual(answer, { unsent: new Set(["sku"]), refused: { title: { values: ["x"], base: 0 } } });
});

test("a server of the version before is sent nothing", async () => {
  const live = draft(undefined);
  const answer = await sendLeft(live, left({ title: typed("x", "", 0, "a") }));

  assert.deepEqual(answer, { unsent: new Set(["title"]), refused: {} });
  assert.deepEqual(live.sent, []);
});

test("a break ends it: nothing of it waits for the next socket", async () => {
  const live = draft({}, ({ op }) => (op === "op1" ? new DisconnectedError() : null));
  const asked = [];
  const saveText = (message, options) => asked.push(options) && live.saveText(message);
  const text = left({ a: typed("1", "", 0, "op0"), b: typed("2", "", 0, "op1"), c: typed("3", "", 0, "op2") });
  const answer = await sendLeft({ ...live, saveText }, text);

  assert.deepEqual(answer, { unsent: new Set(["b", "c"]), refused: {} });
  assert.deepEqual(asked, [{ once: true }, { once: true }]);
});

test("offline nothing is sent", async () => {
  const live = { ...draft({}), draft: { snapshot: { fields: {} }, live: false } };
  assert.deepEqual(await sendLeft(live, left({ title: typed("x", "", 0, "a") })), {
    unsent: new Set(["title"]),
    refused: {},
  });
  assert.deepEqual(live.sent, []);
});

test("once the latest value of a field has arrived, no older one is sent another time", async () => {
  const busy = new RefusedError({ code: "x", message: "", retryable: true });
  const live = draft({}, ({ op }) => (op === "op0" ? busy : null));
  const sent = [{ op: "op0", fields: { title: { values: ["Mug"], base: 3 }, sku: { values: ["M"], base: 3 } } }];
  const text = left({ title: typed("Blue mug", "", 3, "op1"), sku: typed("M", "", 3, "op2") }, sent);
  const { unsent } = await sendLeft(live, text);

  assert.deepEqual(unsent, new Set(["sku"]));
  assert.deepEqual(textIn(text, unsent), {
    author: "page",
    sent: [{ op: "op0", fields: { sku: { values: ["M"], base: 3 } } }],
    fields: { sku: text.fields.sku },
  });
  assert.equal(textIn(text, new Set()), null);
});
