import assert from "node:assert/strict";
import test from "node:test";

import { csrfToken, refreshCsrf } from "../../../../static/manage_files/form/csrf.js";

const formWith = (field) => ({ querySelector: () => field });

test("the cookie is newer than the page", () => {
  globalThis.document = { cookie: "a=1; csrftoken=new%3D; b=2" };

  assert.equal(csrfToken(formWith({ value: "old" })), "new=");
});

test("where the cookie cannot be read, the form has the token", () => {
  globalThis.document = { cookie: "xcsrftoken=no" };

  assert.equal(csrfToken(formWith({ value: "old" })), "old");
  assert.equal(csrfToken(null), "");
});

test("a form is sent with the token as it is now", () => {
  globalThis.document = { cookie: "csrftoken=new" };
  const field = { value: "old" };
  refreshCsrf(formWith(field));
  refreshCsrf(formWith(null));

  assert.equal(field.value, "new");
});
