// @ts-check
/** Registers `<manage-files>`. The only module with a side effect. */
import { ManageFilesElement } from "./manage_files_element.js";

customElements.define("manage-files", ManageFilesElement);
