// @ts-check
/**
 * Keeps edits that may not have reached the server in this browser, for a later page of their draft: a reload requests
 * its page while the last messages are still on their way (measured: every other time), a tab is closed, a browser
 * crashes.
 *
 * Each page has one entry, under its user and its draft: the tabs of a draft never write over each other, and another
 * user sees nothing. All of it is best effort.
 */

/**
 * @import { PendingChange } from "../model/draft.js"
 * @import { Agreed } from "../model/form/field_sync.js"
 * @import { Changes } from "../model/form/text_batches.js"
 * @import { RowEdits } from "../form/variant_rows.js"
 */

/**
 * @typedef {object} TextEdits text that may not have reached the server, for the page after a reload
 * @property {string} author
 * @property {Array<{op: string, fields: Changes}>} sent without an answer yet
 * @property {Record<string, {values: string[], agreed: Agreed, op?: string}>} fields that changed
 */

/**
 * @typedef {object} Edits
 * @property {TextEdits|null} text
 * @property {RowEdits|null} rows
 * @property {PendingChange[]} changes of images
 */

/** In `localStorage`, before user, draft and page. */
const PREFIX = "manage-files:edits:";
/** In `sessionStorage`, before the draft: the page that this tab left. */
const LEFT = "manage-files:";
const DAY_MS = 86_400_000;
/** Longer than any reload takes, where text is not kept for days. */
const MIN_AGE_MS = 600_000;
/** Of all drafts; the oldest go first. */
const MAX_ENTRIES = 20;
/** Characters. Browsers have room for about five million. */
const MAX_ENTRY = 1_000_000;

/** In both storages: when the user last signed out in this browser, and in this tab. */
const SIGN_OUT = "manage-files:sign-out";
/** The last sign-out before this page was loaded, or before its session came back. */
let knownSignOut = lastSignOut();
/** Where a page names no user, nothing may outlive its tab. */
let hasUser = true;
/** @type {string} the entry of this page; a page that goes on with a new draft still has one */
let own = "";

export class UnsentEdits {
  #start;
  #ageMs;

  /**
   * @param {string} user the signed-in user, as the server names them; empty: edits are kept in this tab only
   * @param {number} days how long text is kept
   */
  constructor(user, days) {
    this.#start = `${PREFIX}${user}:`;
    hasUser = user !== "";
    this.#ageMs = Math.max(days * DAY_MS, MIN_AGE_MS);
  }

  /**
   * @param {string} draft its id
   * @param {string} page
   * @param {Edits} edits
   */
  save(draft, page, edits) {
    const key = this.#key(draft, page);
    if (own !== key) this.clear();
    own = key;
    this.#write(key, edits);
  }

  /**
   * Hands edits to the next page of this tab, which is one of another draft.
   * @param {string} draft
   * @param {string} page
   * @param {Edits} edits
   */
  handOver(draft, page, edits) {
    this.#write(this.#key(draft, page), edits);
    this.leave(draft, page, edits);
  }

  /** Deletes the entry of this page: the server has all of it. */
  clear() {
    if (own) drop(own);
    own = "";
  }

  /**
   * Lets the next page in this tab go on as this one. After a sign-out in another tab, only this tab has the edits: the
   * same user may sign in again here.
   * @param {string} draft
   * @param {string} page
   * @param {Edits} edits
   */
  leave(draft, page, edits) {
    const isHere = attempt(() => sessionStorage.getItem(SIGN_OUT)) === lastSignOut();
    if (isSignedOut() && isHere) return;
    const left = isSignedOut() ? JSON.stringify({ until: Date.now() + this.#ageMs, edits }) : page;
    attempt(() => sessionStorage.setItem(LEFT + draft, left));
  }

  /** Keeps edits again after a sign-out, because the session of this page is back. */
  resume() {
    knownSignOut = lastSignOut();
  }

  /**
   * The page was not left after all.
   * @param {string} draft
   */
  stay(draft) {
    attempt(() => sessionStorage.removeItem(LEFT + draft));
  }

  /**
   * Returns what the page before this one in this tab left, and deletes it.
   * @param {string} draft
   * @returns {Edits|null}
   */
  takeLeft(draft) {
    const page = attempt(() => sessionStorage.getItem(LEFT + draft)) ?? "";
    this.stay(draft);
    if (page.startsWith("{")) return attempt(() => inTime(JSON.parse(page)));
    const key = this.#key(draft, page);
    const edits = page && this.#read(key);
    if (edits) drop(key);
    return edits || null;
  }

  /**
   * Returns the pages of a draft that have kept edits, but for this one.
   * @param {string} draft
   */
  others(draft) {
    const start = this.#key(draft, "");
    return keys(start).flatMap((key) => (key === own ? [] : [key.slice(start.length)]));
  }

  /**
   * Returns what a page has kept, and leaves it there.
   * @param {string} draft
   * @param {string} page
   */
  read(draft, page) {
    return this.#read(this.#key(draft, page));
  }

  /**
   * Leaves only the rest of what a page has kept, unless it has kept something else meanwhile.
   * @param {string} draft
   * @param {string} page
   * @param {Edits} edits as they were read
   * @param {Edits|null} rest null: nothing
   */
  settle(draft, page, edits, rest) {
    const key = this.#key(draft, page);
    const [now, before, after] = [this.#read(key), edits, rest].map((each) => JSON.stringify(each));
    if (now !== before) return;
    if (!rest) drop(key);
    // Other pages hear of each write, and would try again.
    else if (after !== before) this.#write(key, rest);
  }

  /**
   * @param {string} draft
   * @param {string} page
   */
  #key(draft, page) {
    return `${this.#start}${draft}:${page}`;
  }

  /**
   * @param {string} key
   * @param {Edits} edits
   */
  #write(key, edits) {
    const text = `${Date.now() + this.#ageMs} ${JSON.stringify(edits)}`;
    if (isSignedOut() || text.length > MAX_ENTRY) return;
    const others = keys(this.#start).filter((other) => other !== key);
    others.sort((one, other) => endOf(one) - endOf(other));
    /** @type {Array<[string, string]>} */
    const dropped = [];
    let isKept = others.length < MAX_ENTRIES && put(key, text);
    while (!isKept && others.length > 0) {
      const oldest = others.shift() ?? "";
      dropped.push([oldest, attempt(() => storage().getItem(oldest)) ?? ""]);
      drop(oldest);
      isKept = others.length < MAX_ENTRIES && put(key, text);
    }
    // Something else fills the storage.
    if (!isKept) for (const [other, before] of dropped) put(other, before);
  }

  /**
   * @param {string} key
   * @returns {Edits|null}
   */
  #read(key) {
    return attempt(() => {
      const text = storage().getItem(key) ?? "";
      return endOf(key) > Date.now() ? JSON.parse(text.slice(text.indexOf(" "))) : null;
    });
  }
}

/**
 * Deletes entries whose time is over, and all of other users.
 * @param {string} user that is signed in now
 * @returns {string[]} drafts with entries
 */
export function pruneEdits(user) {
  const start = `${PREFIX}${user}:`;
  for (const key of keys(PREFIX)) if (!key.startsWith(start) || endOf(key) <= Date.now()) drop(key);
  return [...new Set(keys(start).map((key) => key.slice(start.length).split(":")[0]))];
}

/**
 * @param {string} user
 * @param {string} draft that was saved or discarded
 */
export function dropEdits(user, draft) {
  for (const key of keys(`${PREFIX}${user}:${draft}:`)) drop(key);
}

/** Deletes the edits of all users; the open pages of this browser keep no more. */
export function clearAllEdits() {
  for (const key of keys(PREFIX)) drop(key);
  const now = String(Date.now());
  // In this order: a full storage has room now.
  attempt(() => localStorage.setItem(SIGN_OUT, now));
  attempt(() => sessionStorage.setItem(SIGN_OUT, now));
}

function lastSignOut() {
  return attempt(() => localStorage.getItem(SIGN_OUT));
}

/** Whether the user has signed out since this page was loaded, in whichever tab. */
function isSignedOut() {
  return lastSignOut() !== knownSignOut;
}

/**
 * @param {{at?: number, until?: number, edits: Edits}} left in this tab; a page of the version before says when, not
 *   until when
 */
function inTime({ at = 0, until = at + MIN_AGE_MS, edits }) {
  return until > Date.now() ? edits : null;
}

/** @param {string} key */
function drop(key) {
  attempt(() => storage().removeItem(key));
}

/**
 * @param {string} key
 * @param {string} text
 * @returns {boolean} whether there is room for it
 */
function put(key, text) {
  return attempt(() => storage().setItem(key, text) ?? true) !== null;
}

function storage() {
  return hasUser ? localStorage : sessionStorage;
}

/** @param {string} start */
function keys(start) {
  return attempt(() => Object.keys(storage()).filter((key) => key.startsWith(start))) ?? [];
}

/** @param {string} key */
function endOf(key) {
  return Number.parseInt(attempt(() => storage().getItem(key)) ?? "", 10) || 0;
}

/**
 * A browser may forbid the storage, or have no space: then only the server keeps the text.
 * @template T
 * @param {() => T} use
 * @returns {T|null}
 */
function attempt(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
