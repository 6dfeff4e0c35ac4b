// @ts-check
/** Messages about a save that has to wait for the network. */
import { gettext } from "./gettext.js";

export const OFFLINE = gettext("You're offline.");
export const WILL_SAVE = gettext("We'll save when you're back. Keep this page open.");
export const UNREACHABLE = gettext("The server isn't answering.");
export const KEEPS_TRYING = gettext("We'll keep trying to save. Keep this page open.");
export const EXPIRED = gettext("Not saved: the images expired while you were offline.");
export const EXPIRED_DETAIL = gettext("Your text is still here. Restore the images, then save again.");
export const RESTORE = gettext("Restore images");
