import assert from "node:assert/strict";
import { test } from "node:test";

import { refused } from "../../../static/manage_files/text/error_messages.js";
import * as messages from "../../../static/manage_files/text/messages.js";
import * as recoveryMessages from "../../../static/manage_files/text/recovery_messages.js";

const plain = (text) => text.replaceAll(/\s/g, " ");

test("German words, plurals, numbers and sizes", () => {
  assert.equal(messages.TITLE, "Dateien verwalten");
  assert.deepEqual([1, 2, 1234].map(messages.allStored), [
    "1 Bild gespeichert",
    "2 Bilder gespeichert",
    "1.234 Bilder gespeichert",
  ]);
  assert.equal(plain(messages.uploading(1_300_000, 2_600_000)), "50 % · 1,3 von 2,6 MB");
  assert.equal(
    messages.notSaved(300),
    "Noch nicht gespeichert. Beim Verlassen der Seite bleibt alles noch 5 Minuten erhalten.",
  );
  assert.equal(recoveryMessages.lost(["a.jpg", "b.jpg"]), "Gelöscht: „a.jpg“ und „b.jpg“.");
});

test("a refusal of the server is told in German", () => {
  const limits = { max_file_bytes: 20_000_000, max_files: 200, max_draft_bytes: 1e9 };
  const file = { name: "a.jpg", size: 20_000_001 };

  assert.equal(
    refused({ code: "stale", message: "Something changed in another tab. The current state is shown now; try again." }),
    "In einem anderen Tab wurde etwas geändert. Jetzt sehen Sie den aktuellen Stand; versuchen Sie es erneut.",
  );
  assert.equal(
    plain(refused({ code: "too_large", message: "“a.jpg” is 20.1 MB. The limit is 20 MB." }, file, limits)),
    "„a.jpg“ hat 20,1 MB. Erlaubt sind höchstens 20 MB.",
  );
  assert.equal(
    refused({ code: "bad_message", message: "Expected `int`." }),
    "Der Server hat diese Nachricht nicht verstanden. Laden Sie die Seite neu.",
  );
});
