// @ts-check
/** Registers `<manage-files>`, and cleans up what this browser keeps as on any other page. */
import "./leftovers.js";
import { ManageFilesElement } from "./manage_files_element.js";

customElements.define("manage-files", ManageFilesElement);
