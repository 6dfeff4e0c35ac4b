// @ts-check
/** Registers `<manage-files>`, and cleans up this browser's storage as every other page does. */
import "./storage_cleanup.js";
import { ManageFilesElement } from "./element.js";

customElements.define("manage-files", ManageFilesElement);
