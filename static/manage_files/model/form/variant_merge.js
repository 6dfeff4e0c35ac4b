// @ts-check
/**
 * Merges variant rows edited in two tabs: applies this tab's edits since both agreed to those of the other. An edit
 * beats a removal. Pure.
 * @typedef {{temp_id: string, label: string}} Row
 */

/**
 * @param {Row[]} base the rows on which both last agreed
 * @param {Row[]} mine
 * @param {Row[]} theirs
 * @returns {Row[]}
 */
export function mergeRows(base, mine, theirs) {
  const before = byId(base);
  const own = byId(mine);
  const other = byId(theirs);
  const contested = contestedRows(base, mine, theirs);
  const kept = theirs.filter(
    ({ temp_id }) => own.has(temp_id) || !before.has(temp_id) || contested.get(temp_id) === "changed",
  );
  const renamed = kept.map((row) => {
    const was = before.get(row.temp_id);
    const is = own.get(row.temp_id);
    return was && is && was.label !== is.label ? { ...row, label: is.label } : row;
  });
  const added = mine.filter(
    ({ temp_id }) => !other.has(temp_id) && (!before.has(temp_id) || contested.get(temp_id) === "removed"),
  );
  return [...renamed, ...added];
}

/**
 * Rows removed in one tab and edited in the other: what happened to each in the other tab.
 * @param {Row[]} base
 * @param {Row[]} mine
 * @param {Row[]} theirs
 * @returns {Map<string, "removed"|"changed">}
 */
export function contestedRows(base, mine, theirs) {
  const own = byId(mine);
  const other = byId(theirs);
  /** @type {Map<string, "removed"|"changed">} */
  const contested = new Map();
  for (const { temp_id, label } of base) {
    const [here, there] = [own.get(temp_id), other.get(temp_id)];
    if (here && !there && here.label !== label) contested.set(temp_id, "removed");
    if (!here && there && there.label !== label) contested.set(temp_id, "changed");
  }
  return contested;
}

/**
 * @param {Row[]} one
 * @param {Row[]} other
 */
export function sameRows(one, other) {
  return (
    one.length === other.length &&
    one.every(({ temp_id, label }, index) => temp_id === other[index].temp_id && label === other[index].label)
  );
}

/** @param {Row[]} rows */
function byId(rows) {
  return new Map(rows.map((row) => [row.temp_id, row]));
}
