/** The list of conversations while something happens in them. */
interface StillList {
  /** Something happened in a conversation. */
  add(conversationId: string): void;
  /** Whether the rows must stay where they are. */
  isHeld(): boolean;
  /** Says what the list does not show yet, and returns the words. */
  showNews(): string;
}

/**
 * Keeps the list still while somebody may be about to click a row: the mouse is on it, or it is scrolled. Pages after the
 * first one always stay as they are. Their link to what is new needs no request.
 * @param onFree called when there are news and the list may change again
 */
export function keepStill(region: HTMLElement, onFree: () => void): StillList {
  const isOlder = region.dataset.live === "older-conversations";
  const changed = new Set<string>();
  let hasNews = false;

  const isHeld = () => isOlder || region.matches(":hover") || isScrolled(region);
  const look = () => {
    if (!hasNews || isHeld()) return;
    hasNews = false;
    changed.clear();
    onFree();
  };
  region.addEventListener("mouseleave", look);
  addEventListener("scroll", look, { capture: true, passive: true });

  return {
    add: (conversationId) => void changed.add(conversationId),
    isHeld,
    showNews() {
      hasNews = true;
      const words = wordsFor(changed.size);
      const news = region.querySelector<HTMLElement>("[data-news]");
      if (news) {
        news.hidden = false;
        news.textContent = `${words} ↑`;
      }
      return words;
    },
  };
}

/** The list beside a conversation shows the row of it. */
export function showOpenRow(): void {
  const row = document.querySelector(".pane .list [aria-current]");
  const pane = row?.closest(".pane");
  if (!row || !pane) return;
  const [place, seen] = [row.getBoundingClientRect(), pane.getBoundingClientRect()];
  if (place.bottom > Math.min(seen.bottom, innerHeight)) {
    pane.scrollTop += place.top - seen.top - pane.clientHeight / 2;
  }
}

function isScrolled(region: HTMLElement): boolean {
  const list = region.querySelector(".list");
  return list !== null && list.getBoundingClientRect().top < 0;
}

function wordsFor(count: number): string {
  if (count === 0) return "There are new messages";
  return `New messages in ${count} ${count === 1 ? "conversation" : "conversations"}`;
}
