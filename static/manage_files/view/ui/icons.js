// @ts-check
/** Icons as SVG: strokes on a 24-unit square, in the colour of the text around them. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = Object.freeze({
  add: "M12 5v14M5 12h14",
  back: "M14.5 5l-7 7 7 7",
  camera: "M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4zM12 10.2a3.1 3.1 0 1 0 .01 0",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  folder: "M3.5 6.5h6l2 2.5h9v10h-17z",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  image: "M4 5h16v14H4zM4 16l4.5-4.5L13 16l3-3 4 4M15.5 9h.01",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  restore: "M4 9h10a5 5 0 0 1 0 10H9M4 9l4-4M4 9l4 4",
  sort: "M5 7h14M5 12h9M5 17h5",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 10.5v5.5M13.5 10.5v5.5",
  upload: "M12 16V5M7.5 9.5L12 5l4.5 4.5M5 16v3h14v-3",
  zoom: "M11 4.5a6.5 6.5 0 1 0 .01 0M16 16l4.5 4.5M11 8.5v5M8.5 11h5",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.3h.01",
});

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement} hidden from assistive technology, because there is text beside it
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `mf-icon mf-icon-${name}`);
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
