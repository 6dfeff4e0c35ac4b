// @ts-check
/** Registers `<manage-files>`. The only module with a side effect. */
import { ManageFilesElement } from "./element.js";

customElements.define("manage-files", ManageFilesElement);
