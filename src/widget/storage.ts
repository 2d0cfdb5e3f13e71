type Area = "localStorage" | "sessionStorage";

/** What is stored under the name; undefined where storage is blocked or has nothing. */
export function recall(area: Area, name: string): string | undefined {
  try {
    return window[area].getItem(name) ?? undefined;
  } catch {
    // Blocked: what has to be known is known for as long as the page lives.
    return undefined;
  }
}

/** Stores the value, or removes what is there. */
export function remember(area: Area, name: string, value?: string): void {
  try {
    if (value === undefined) window[area].removeItem(name);
    else window[area].setItem(name, value);
  } catch {
    // Blocked or full: as above.
  }
}
