// @ts-check
/**
 * Creates an element. Text is always inserted as text, because a file may be called `<img onerror=...>`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string|boolean|null>} [attributes] true: present; false or null: absent
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttr(element, name, value);
  element.append(...children);
  return element;
}

/**
 * A button that never submits the form around it.
 * @param {Record<string, string|boolean|null>} attributes
 * @param {(event: MouseEvent) => void} onClick
 * @param {...(Node|string)} children
 */
export function button(attributes, onClick, ...children) {
  const element = el("button", { type: "button", ...attributes }, ...children);
  element.addEventListener("click", onClick);
  return element;
}

/**
 * Changes an attribute if it differs. Fires `mf-focus-lost` when it hides the element that holds the focus.
 * @param {Element} element
 * @param {string} name
 * @param {string|boolean|null} value true: present; false or null: absent
 */
export function setAttr(element, name, value) {
  const wanted = value === false || value === null ? null : value === true ? "" : value;
  if (element.getAttribute(name) === wanted) return;
  if (wanted === null) return element.removeAttribute(name);
  // Checked first: browsers drop the focus of a hidden element at once, or a frame later.
  const losesFocus = name === "hidden" && element.contains(document.activeElement);
  element.setAttribute(name, wanted);
  if (losesFocus) element.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
}

/**
 * Changes a text if it differs, so that neither screen readers nor the layout notice an unchanged one.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
