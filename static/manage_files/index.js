// @ts-check
/** Registers `<manage-files>`, and cleans up what this browser keeps as on any other page. */
import "./storage_cleanup.js";
import { ManageFilesElement } from "./element.js";

customElements.define("manage-files", ManageFilesElement);
