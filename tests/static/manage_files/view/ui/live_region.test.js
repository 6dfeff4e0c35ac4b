import assert from "node:assert/strict";
import test, { mock } from "node:test";

/** As much of a page as the announcer builds its regions with. */
globalThis.document = {
  activeElement: null,
  createElement: () => ({
    textContent: "",
    getAttribute: () => null,
    setAttribute: () => {},
    append: () => {},
    contains: () => false,
  }),
};
const { Announcer } = await import("../../../../../static/manage_files/view/ui/live_region.js");

test("what happens together is said together, and once", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const announcer = new Announcer(() => true);
  for (const sentence of ["One.", "Two.", "One."]) announcer.say(sentence);
  mock.timers.tick(400);

  assert.equal(announcer.elements.inside.textContent, "One. Two.");
  assert.equal(announcer.elements.outside.textContent, "");
  mock.timers.reset();
});

test("where one thing follows the other without a pause, each is said within a second", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const announcer = new Announcer(() => true);
  const heard = [];
  for (let number = 1; number <= 20; number += 1) {
    announcer.say(`${number}.jpg uploaded.`);
    mock.timers.tick(200);
    heard.push(announcer.elements.inside.textContent);
  }

  assert.ok(heard[4].includes("3.jpg"), heard[4]);
  mock.timers.reset();
});

test("old words are taken away", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const announcer = new Announcer(() => true);
  announcer.say("One.");
  mock.timers.tick(400);
  mock.timers.tick(7_000);

  assert.equal(announcer.elements.inside.textContent, "");
  mock.timers.reset();
});
