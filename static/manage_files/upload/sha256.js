// @ts-check
/**
 * The SHA-256 of a file. Browsers compute it only in secure contexts, and an ERP on a plain-HTTP intranet is none: there
 * it is computed here, so that a resumed upload never joins the halves of two files.
 */
import { readable } from "./transfer.js";

/** What is hashed in one go: a few milliseconds. A multiple of `BLOCK_BYTES`. */
const PART_BYTES = 1 << 19;
const BLOCK_BYTES = 64;
const ROUNDS = 64;

const primes = firstPrimes(ROUNDS);
const CONSTANTS = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/**
 * @param {Blob} blob
 * @returns {Promise<string>} in lower-case hex
 */
export async function sha256(blob) {
  const { subtle } = globalThis.crypto ?? {};
  const digest = subtle ? await subtle.digest("SHA-256", await readable(blob)) : await computed(blob);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Blob} blob
 * @returns {Promise<ArrayBuffer>}
 */
async function computed(blob) {
  const state = START.slice();
  let at = 0;
  for (; at + PART_BYTES <= blob.size; at += PART_BYTES)
    hash(state, new DataView(await readable(blob.slice(at, at + PART_BYTES))));
  hash(state, ended(new Uint8Array(await readable(blob.slice(at))), blob.size));
  const digest = new DataView(new ArrayBuffer(4 * state.length));
  state.forEach((word, index) => void digest.setInt32(4 * index, word));
  return digest.buffer;
}

/**
 * The last part, with its end marked and the length of the whole behind it.
 * @param {Uint8Array} rest
 * @param {number} size
 */
function ended(rest, size) {
  const view = new DataView(new ArrayBuffer((Math.floor((rest.length + 8) / BLOCK_BYTES) + 1) * BLOCK_BYTES));
  new Uint8Array(view.buffer).set(rest);
  view.setUint8(rest.length, 0x80);
  view.setBigUint64(view.byteLength - 8, 8n * BigInt(size));
  return view;
}

/**
 * @param {Int32Array} state
 * @param {DataView} view whole blocks
 */
function hash(state, view) {
  const words = new Int32Array(ROUNDS);
  for (let at = 0; at < view.byteLength; at += BLOCK_BYTES) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < ROUNDS; i++) {
      const early = words[i - 15];
      const late = words[i - 2];
      const mixed = ((turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)) + words[i - 16]) | 0;
      words[i] = mixed + (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)) + words[i - 7];
    }
    round(state, words);
  }
}

/**
 * @param {Int32Array} state
 * @param {Int32Array} words
 */
function round(state, words) {
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < ROUNDS; i++) {
    const one =
      (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + CONSTANTS[i] + words[i]) | 0;
    const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] += word;
}

/**
 * @param {number} word
 * @param {number} bits
 */
function turned(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}

/**
 * The first 32 bits behind the point.
 * @param {number} number
 */
function fraction(number) {
  return ((number % 1) * 2 ** 32) | 0;
}

/** @param {number} count */
function firstPrimes(count) {
  /** @type {number[]} */
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime > 0)) found.push(n);
  return found;
}
