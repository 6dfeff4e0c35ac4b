// @ts-check
/** Why there is no new draft. */
export const NewDraftError = Object.freeze({ FAILED: "failed", SIGNED_OUT: "signed_out" });
