// @ts-check
/** Reads Django's current CSRF token, which a sign-in in another tab changes while a page is open. */

const COOKIE = "csrftoken";
const FIELD = "csrfmiddlewaretoken";

/**
 * @param {HTMLFormElement|null} form its hidden field is used if the cookie cannot be read
 * @returns {string}
 */
export function csrfToken(form) {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${COOKIE}=`));
  return cookie ? decodeURIComponent(cookie.slice(COOKIE.length + 1)) : (fieldOf(form)?.value ?? "");
}

/** @param {HTMLFormElement} form */
export function refreshCsrf(form) {
  const field = fieldOf(form);
  if (field) field.value = csrfToken(form);
}

/**
 * @param {HTMLFormElement|null} form
 * @returns {HTMLInputElement|null}
 */
function fieldOf(form) {
  return form?.querySelector(`input[name="${FIELD}"]`) ?? null;
}
