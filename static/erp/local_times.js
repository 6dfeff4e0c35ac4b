// @ts-check
/** Shows the times of a page in the reader's own time zone; without scripts they stay as the server wrote them. */

const language = document.documentElement.lang;
const day = new Intl.DateTimeFormat(language, { dateStyle: "short" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-local-time]"))) {
  const at = new Date(time.dateTime);
  const today = at.toDateString() === new Date().toDateString();
  time.textContent = today ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
}
