type Area = "localStorage" | "sessionStorage";

/** The value under the name; undefined when there is none, when it is not JSON, or when storage is blocked. */
export function recall(area: Area, name: string): unknown {
  try {
    return JSON.parse(window[area].getItem(name) ?? "null");
  } catch {
    // Callers keep what they need in memory, for as long as the page lives.
    return undefined;
  }
}

/** Removes what both areas have under the name, and tells the chats on this page; the browser tells other tabs. */
export function forget(name: string): void {
  for (const area of ["localStorage", "sessionStorage"] as const) remember(area, name, undefined);
  dispatchEvent(new Event(name));
}

/** Stores the value; undefined removes what is there. */
export function remember(area: Area, name: string, value: unknown): void {
  try {
    if (value === undefined) window[area].removeItem(name);
    else window[area].setItem(name, JSON.stringify(value));
  } catch {
    // Storage is blocked or full. Callers keep the value in memory.
  }
}
