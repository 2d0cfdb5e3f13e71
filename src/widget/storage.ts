type Area = "localStorage" | "sessionStorage";

/** What is stored under the name; undefined where storage is blocked, or has nothing or garbage. */
export function recall(area: Area, name: string): unknown {
  try {
    return JSON.parse(window[area].getItem(name) ?? "null");
  } catch {
    // What has to be known is known for as long as the page lives.
    return undefined;
  }
}

/** Stores the value; undefined removes what is there. */
export function remember(area: Area, name: string, value: unknown): void {
  try {
    if (value === undefined) window[area].removeItem(name);
    else window[area].setItem(name, JSON.stringify(value));
  } catch {
    // Blocked or full: as above.
  }
}
