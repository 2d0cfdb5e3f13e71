/** What the server says about the reading of a source. */
export interface LearningEvent {
  readonly sourceId: number;
  /** Missing: the reading has ended. */
  readonly progress?: { readonly read: number; readonly total: number; readonly address: string };
}

/**
 * Moves the progress of a source along, without fetching the page. Returns false when the page shows none of it, or
 * shows it no more, and has to be fetched.
 */
export function showLearning(region: HTMLElement, { sourceId, progress }: LearningEvent): boolean {
  const view = region.querySelector(`[data-reading="${sourceId}"]`);
  if (!view || progress === undefined) return false;
  const { read, total, address } = progress;
  const numbers = new Intl.NumberFormat("en");
  const pages = `${numbers.format(total)} ${total === 1 ? "page" : "pages"}`;
  setText(view, "[data-count]", `${numbers.format(read)} of ${pages} found so far`);
  setText(view, "[data-address]", address);
  const percent = total === 0 ? 0 : Math.round((read / total) * 1000) / 10;
  view.querySelector(".filled")?.setAttribute("width", String(percent));
  return true;
}

function setText(view: Element, selector: string, text: string): void {
  const element = view.querySelector(selector);
  if (element) element.textContent = text;
}
