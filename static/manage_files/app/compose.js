// @ts-check
/** The composition root: builds the parts of `<manage-files>` from its data attributes and connects them. */
import { FileAdder } from "../add/add_files.js";
import { DropZone } from "../add/drop_zone.js";
import { Arrangement } from "../arrange/arrangement.js";
import { UndoHistory } from "../arrange/undo_history.js";
import { LiveDraft } from "../client/live_draft.js";
import { csrfToken } from "../form/csrf.js";
import { FormBinding } from "../form/form_binding.js";
import { keepButton } from "../form/keep_draft.js";
import { lists } from "../model/cards.js";
import { FileCache } from "../recovery/file_cache.js";
import { forgetLostDraft, requestNewDraft } from "../recovery/new_draft.js";
import { RecoveryNotices } from "../recovery/recovery_notices.js";
import { UnloadGuard } from "../recovery/unload_guard.js";
import { UploadRecovery } from "../recovery/upload_recovery.js";
import { HttpSocket } from "../transport/http_socket.js";
import { tabId } from "../transport/tab_id.js";
import { StallDetector } from "../upload/stall_detector.js";
import { ImagePreviews } from "../view/card/image_previews.js";
import { FilePicker } from "../view/file_picker.js";
import { FilesDialog } from "../view/files_dialog.js";
import { InlinePanel } from "../view/inline_panel.js";
import { LightboxOpener } from "../view/lightbox/lightbox_opener.js";
import { LiveRegion } from "../view/ui/live_region.js";
import { Actions } from "./actions.js";
import { Controller } from "./controller.js";
import { Diagnosis } from "./diagnosis.js";

/** An upload without progress for this long is reported as stalled; `data-stalled-seconds` overrides it. */
const STALLED_SECONDS = 10;

/** @type {string|undefined} shared by all drafts of this page */
let thisTab;

/**
 * @param {HTMLElement} element its data attributes hold the URLs and ids
 * @param {() => Promise<void>} onStartAgain called when the user wants the files of an expired draft in a new one
 */
export function compose(element, onStartAgain) {
  const { draft = "", user = "", lostDraft = "", socket = "", http = "", form = "" } = element.dataset;
  const { accept = "", signIn = "", restart = "", copy = "", stalledSeconds = STALLED_SECONDS } = element.dataset;
  const types = accept.split(",").filter(Boolean);
  const token = () => csrfToken(/** @type {HTMLFormElement|null} */ (document.getElementById(form)));
  const live = new LiveDraft(socketUrl(socket), types, http ? () => new HttpSocket(http, token) : null);
  const current = () => lists(live.draft);
  const onChange = () => controller.schedule();
  const stallDetector = new StallDetector(Number(stalledSeconds) * 1000, onChange);
  const diagnosis = new Diagnosis(live, http, onChange);
  const liveRegion = new LiveRegion(() => dialog.isOpen);
  const say = (/** @type {string} */ sentence) => liveRegion.say(sentence);

  const undoHistory = new UndoHistory({
    live,
    slot: () => (dialog.isOpen ? dialog.toasts : panel.toasts),
    restoreRow: (row, index) => formBinding.restoreRow(row, index),
    say,
    onUndone: (file) => controller.focusCard(file),
  });
  const formBinding = new FormBinding({
    element,
    live,
    say,
    onRowRemoved: (removed) => undoHistory.rowRemoved(removed),
    onRestore: onStartAgain,
  });
  const onCopy = copy ? () => copyToNew(formBinding, copy, signIn) : null;
  const links = { signIn, restart, say, onTryNow: () => live.tryNow(), onUploadAgain: onStartAgain, onCopy };
  const onDismiss = () => controller.showProblems([]);
  const { inside, outside } = liveRegion.elements;
  const onDiscard = () => formBinding.discard(dialog.element);
  const keep = keepButton({ host: element, token, say });
  const dialog = new FilesDialog({ links, onDismiss, onDiscard, region: inside, keep });
  const panel = new InlinePanel({ links, onDismiss, onOpen: () => controller.open(), region: outside });

  const lightboxOpener = new LightboxOpener(live, liveRegion);
  const fileAdder = new FileAdder({
    live,
    say,
    tell: (problems) => controller.showProblems(problems),
    lists: current,
    slots: () => [dialog.asides, panel.asides],
    onSettled: (problem) => controller.removeProblem(problem),
    isWindowOpen: () => dialog.isOpen,
  });
  const dropZone = new DropZone({
    host: () => (dialog.isOpen ? dialog.element : element),
    types: () => live.draft.snapshot?.limits.content_types ?? types,
    isOpen: () => live.isOpen,
    lists: current,
    onDrop: (files, target, replaces) => fileAdder.addChosen(files, { ...target, replaces }, "files"),
    onDropFolders: (entries, target) => fileAdder.addDropped(entries, target),
    onDropLink: () => fileAdder.refuseLink(),
  });
  const picker = new FilePicker(accept, (files, target, way) => fileAdder.addChosen(files, target, way));
  const arrangement = new Arrangement({ element, live, undoHistory, panel, dialog, lists: current, say, onChange });
  const notices = new RecoveryNotices({
    live,
    lost: { user, draft: lostDraft },
    say,
    onUploadAgain: (recoverable) => controller.restoreExpired(recoverable),
    onSettled: forgetLostDraft,
    onChange,
  });
  const guard = new UnloadGuard(live, () => notices.onlyHere && !formBinding.isEnding);
  const onFull = (/** @type {string[]} */ files) => {
    notices.reportFull(files);
    guard.update();
  };
  const recovery = new UploadRecovery({ live, cache: new FileCache(user, draft), say, onFull });

  element.append(panel.element, dialog.element, picker.element);
  const controller = new Controller({
    element,
    live,
    liveRegion,
    dialog,
    panel,
    formBinding,
    arrangement,
    actions: new Actions({
      live,
      fileAdder,
      arrangement,
      undoHistory,
      picker,
      lightboxOpener,
      stallDetector,
      lists: current,
    }),
    lightboxOpener,
    stallDetector,
    notices,
    diagnosis,
    recovery,
    previews: new ImagePreviews(onChange),
    // Stop the draft last, so that the form can send its last changes before the socket closes.
    running: [notices, diagnosis, dropZone, arrangement, undoHistory, fileAdder, formBinding, recovery, guard, live],
  });
  return controller;
}

/**
 * Moves the text of an ended draft into a new one.
 * @param {FormBinding} formBinding
 * @param {string} address URL of a page that opens a new draft
 * @param {string} signIn
 */
async function copyToNew(formBinding, address, signIn) {
  const { draft, url } = await requestNewDraft(address, signIn);
  if (draft) formBinding.leaveFor(draft);
  // If there is none, the next page says why, and the text stays here, one step back.
  location.assign(draft ? url : address);
}

/**
 * @param {string} path
 * @returns {string} URL of the socket on this host
 */
function socketUrl(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  thisTab ??= tabId();
  url.searchParams.set("tab", thisTab);
  return url.href;
}
