// @ts-check
/** The composition root: builds the parts of `<manage-files>` from its data attributes and connects them. */

import { Adding } from "../add/add_files.js";
import { DropZone } from "../add/drop_zone.js";
import { Arranging } from "../arrange/arrangement.js";
import { LiveDraft } from "../client/live_draft.js";
import { csrfToken } from "../form/csrf.js";
import { FormBridge } from "../form/form_binding.js";
import { lists } from "../model/cards.js";
import { KeptFiles } from "../recovery/file_cache.js";
import { KeptNotices } from "../recovery/recovery_notices.js";
import { KeptDraft } from "../recovery/upload_recovery.js";
import { HttpSocket } from "../transport/http_socket.js";
import { Stalls } from "../upload/stall_detector.js";
import { Previews } from "../view/card/image_previews.js";
import { FilePicker } from "../view/file_picker.js";
import { FilesWindow } from "../view/files_dialog.js";
import { InlineView } from "../view/inline_panel.js";
import { Looking } from "../view/lightbox/lightbox_opener.js";
import { Announcer } from "../view/ui/live_region.js";
import { Actions } from "./actions.js";
import { Presenter } from "./controller.js";

/** Nothing moves for so long: then it is said. `data-stalled-seconds` changes it. */
const STALLED_SECONDS = 10;

/**
 * @param {HTMLElement} element whose data attributes say where everything is
 * @param {() => void} onStartAgain the user wants the lost files in a new draft
 */
export function compose(element, onStartAgain) {
  const { draft = "", user = "", lostDraft = "", socket = "", http = "", form = "" } = element.dataset;
  const { accept = "", signIn = "", restart = "", stalledSeconds = STALLED_SECONDS } = element.dataset;
  const types = accept.split(",").filter(Boolean);
  const token = () => csrfToken(/** @type {HTMLFormElement|null} */ (document.getElementById(form)));
  const live = new LiveDraft(socketUrl(socket), types, http ? () => new HttpSocket(http, token) : null);
  const current = () => lists(live.draft);
  const onChange = () => controller.schedule();
  const stalls = new Stalls(Number(stalledSeconds) * 1000, onChange);
  const announcer = new Announcer(() => dialog.isOpen);
  const say = (/** @type {string} */ sentence) => announcer.say(sentence);

  const bridge = new FormBridge({ element, live, say });
  const links = { signIn, restart, say, onTryNow: () => live.tryNow(), onUploadAgain: onStartAgain };
  const onDismiss = () => controller.show([]);
  const { inside, outside } = announcer.elements;
  const onDiscard = () => bridge.discard(dialog.element);
  const dialog = new FilesWindow({ links, onDismiss, onDiscard, region: inside });
  const inline = new InlineView({ links, onDismiss, onOpen: () => controller.open(), region: outside });

  const looking = new Looking(live, announcer);
  const adding = new Adding({
    live,
    say,
    tell: (problems) => controller.show(problems),
    lists: current,
    slots: () => [dialog.asides, inline.asides],
    onSettled: (problem) => controller.settle(problem),
    isWindowOpen: () => dialog.isOpen,
  });
  const dropZone = new DropZone({
    host: () => (dialog.isOpen ? dialog.element : element),
    types: () => live.draft.snapshot?.limits.content_types ?? types,
    isOpen: () => live.isOpen,
    lists: current,
    onDrop: (files, target, replaces) => adding.chosen(files, { ...target, replaces }, "files"),
    onDropFolders: (entries, target) => adding.unpack(entries, target),
  });
  const picker = new FilePicker(accept, (files, target, way) => adding.chosen(files, target, way));
  const arranging = new Arranging({ element, live, inline, window: dialog, lists: current, say, onChange });
  const notices = new KeptNotices({
    live,
    lost: { user, draft: lostDraft },
    say,
    onUploadAgain: (offer) => controller.takeBack(offer),
    onChange,
  });
  const onFull = (/** @type {string[]} */ files) => notices.full(files);
  const kept = new KeptDraft({ live, kept: new KeptFiles(user, draft), say, onFull });

  element.append(inline.element, dialog.element, picker.element);
  const controller = new Presenter({
    element,
    live,
    announcer,
    dialog,
    inline,
    bridge,
    arranging,
    actions: new Actions({ live, adding, arranging, picker, looking, stalls, lists: current }),
    looking,
    stalls,
    notices,
    kept,
    previews: new Previews(onChange),
    // The draft comes last: when the page is left, the form says its last words before the socket closes.
    running: [notices, dropZone, arranging, adding, bridge, kept, live],
  });
  return controller;
}

/**
 * @param {string} path
 * @returns {string} the address of the socket on this host
 */
function socketUrl(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
