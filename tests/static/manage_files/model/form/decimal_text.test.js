// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { plainNumber, shownNumber } from "../../../../../static/manage_files/model/form/decimal_text.js";

const ENGLISH = { decimal: ".", group: "," };
const GERMAN = { decimal: ",", group: "." };
const ARABIC = { decimal: ",", group: "" };
const EVERY = [ENGLISH, GERMAN, ARABIC];

/** As in `tests/erp/marketing/test_price_text.py`. */
const READ = {
  12.5: "12.50",
  "12.50": "12.50",
  "12,50": "12.50",
  "12,5": "12.50",
  1234: "1234.00",
  "0012": "12.00",
  "1.234,50": "1234.50",
  "1,234.50": "1234.50",
  "1.234.567": "1234567.00",
  "1\u00a0234,50": "1234.50",
  "1'234.50": "1234.50",
  "\u0661\u0662\u066b\u0665\u0660": "12.50",
  "\u0661\u066c\u0662\u0663\u0664\u066b\u0665": "1234.50",
  "\u0661\u0662\u060c\u0665": "12.50",
  "\u200e 12,50\u200f ": "12.50",
  "\u22123.5": "-3.50",
  ".5": "0.50",
  "0,500": "0.50",
};

test("what can be read in one way travels in one form, whatever the language", () => {
  for (const separators of EVERY)
    for (const [text, plain] of Object.entries(READ)) assert.equal(plainNumber(text, separators), plain, text);
});

test("the language's own thousands are thousands", () => {
  assert.equal(plainNumber("1,234", ENGLISH), "1234.00");
  assert.equal(plainNumber("1.234", GERMAN), "1234.00");
});

test("what is no number, has too many decimals or can be read in two ways travels as it was typed", () => {
  const never = [
    "",
    "€ 5",
    "1e3",
    "NaN",
    "--1",
    "5,",
    "1.23.456",
    "1,234,5",
    "1 23",
    "1G234",
    "\u066b",
    ".",
    "1234,567",
  ];
  for (const separators of EVERY) for (const text of never) assert.equal(plainNumber(text, separators), text);
  assert.equal(plainNumber("1.234", ENGLISH), "1.234");
  assert.equal(plainNumber("1,234", GERMAN), "1,234");
  for (const text of ["1.234", "1,234"]) assert.equal(plainNumber(text, ARABIC), text);
});

test("what travels is shown as the language writes it, and comes back the same", () => {
  for (const separators of EVERY)
    for (const plain of ["0.05", "12.00", "1234.50", "-3.50", "1000000.00"])
      assert.equal(plainNumber(shownNumber(plain, separators), separators), plain);
  assert.equal(shownNumber("1234.50", GERMAN), "1234,50");
  assert.equal(shownNumber("1.234", GERMAN), "1.234");
  assert.equal(shownNumber("about 5", GERMAN), "about 5");
});
