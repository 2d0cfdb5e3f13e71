import { formatAgo } from "./relative-time.ts";

/** As the server writes times, in the time zone of the reader's machine. */
const format = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** Where the day is shown above. */
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const longDay = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

/** Shows the times on a page in the reader's time zone. What the server has written, in UTC, becomes the title. */
export function showLocalTimes(within: ParentNode): void {
  for (const time of within.querySelectorAll<HTMLTimeElement>("time[datetime]:not([title])")) {
    const whole = time.dataset.clock;
    time.title = whole ?? time.textContent ?? "";
    time.textContent = (whole === undefined ? format : clock).format(new Date(time.dateTime));
  }
  for (const time of within.querySelectorAll<HTMLTimeElement>("time[data-ago]")) {
    const at = new Date(time.dateTime);
    time.title = format.format(at);
    time.textContent = formatAgo(at.getTime(), Date.now());
  }
  for (const list of within.querySelectorAll("[data-days]")) showLocalDays(list);
}

/** Puts the days of the reader's time zone above what happened on them, in place of those of UTC. */
function showLocalDays(list: Element): void {
  for (const day of list.querySelectorAll(".day")) day.remove();
  let last = "";
  for (const time of list.querySelectorAll<HTMLTimeElement>("time[data-clock]")) {
    const name = longDay.format(new Date(time.dateTime));
    if (name !== last) time.closest("li")?.before(createDay(name));
    last = name;
  }
}

function createDay(name: string): HTMLElement {
  const day = document.createElement("li");
  const text = document.createElement("span");
  text.textContent = name;
  day.className = "day";
  day.append(text);
  return day;
}
