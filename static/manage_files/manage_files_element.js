// @ts-check
import { Presenter } from "./presenter.js";

/**
 * `<manage-files>`: the images of a product that may not exist yet, on its create and edit page.
 * Only the shell: its life on the page starts and stops everything else.
 */
export class ManageFilesElement extends HTMLElement {
  /** @type {Presenter|null} made on the page, where the attributes and the form around it can be read */
  #presenter = null;

  connectedCallback() {
    this.#presenter ??= new Presenter(this);
    this.#presenter.start();
  }

  disconnectedCallback() {
    this.#presenter?.stop();
  }
}
