/** A page in another language, as far as the words know one: its catalog, its language and direction. */
import { readFileSync } from "node:fs";
import vm from "node:vm";

const { CATALOG, PAGE_LANGUAGE, PAGE_DIRECTION } = process.env;

vm.runInThisContext(readFileSync(CATALOG, "utf8"));
globalThis.document = { documentElement: { lang: PAGE_LANGUAGE, dir: PAGE_DIRECTION } };
