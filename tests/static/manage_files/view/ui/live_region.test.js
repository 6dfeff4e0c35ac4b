import assert from "node:assert/strict";
import test, { mock } from "node:test";

/** As much of a page as the live region builds its regions with. */
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
const { LiveRegion } = await import("../../../../../static/manage_files/view/ui/live_region.js");

test("what happens together is said together, and once", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const liveRegion = new LiveRegion(() => true);
  for (const sentence of ["One.", "Two.", "One."]) liveRegion.say(sentence);
  mock.timers.tick(400);

  assert.equal(liveRegion.elements.inside.textContent, "One. Two.");
  assert.equal(liveRegion.elements.outside.textContent, "");
  mock.timers.reset();
});

test("where one thing follows the other without a pause, each is said within a second", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const liveRegion = new LiveRegion(() => true);
  const heard = [];
  for (let number = 1; number <= 20; number += 1) {
    liveRegion.say(`${number}.jpg uploaded.`);
    mock.timers.tick(200);
    heard.push(liveRegion.elements.inside.textContent);
  }

  assert.ok(heard[4].includes("3.jpg"), heard[4]);
  mock.timers.reset();
});

test("old words are taken away", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const liveRegion = new LiveRegion(() => true);
  liveRegion.say("One.");
  mock.timers.tick(400);
  mock.timers.tick(7_000);

  assert.equal(liveRegion.elements.inside.textContent, "");
  mock.timers.reset();
});
