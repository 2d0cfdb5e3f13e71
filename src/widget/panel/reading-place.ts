/** In pixels. A reader who scrolls down and comes closer to the end than this goes with the text again. */
const NEAR_END = 40;
/** In pixels: places are fractions where the page is zoomed. */
const ROUNDING = 2;
/** How long a wheel, a finger or a key may take until the text moves. */
const HOLD_MS = 250;

export interface ReadingPlace {
  /** Goes to the end, and with the text from now on. */
  toEnd(): void;
  /** The same, also while a smooth movement to somewhere else is still under way. */
  breakOffToEnd(): void;
  /** In pixels from the beginning, for a reader who has scrolled up; undefined: at the end. */
  current(): number | undefined;
  /** Goes where a reader was in the same text. */
  restore(place: number | undefined): void;
}

interface ReadingPlaceOptions {
  /** What scrolls. */
  readonly node: HTMLElement;
  /** What is in it, and grows. */
  readonly content: HTMLElement;
  /** Called when one of them may have changed: whether the end is out of sight, and whether text has come since. */
  readonly onChange: (isAway: boolean, hasNewText: boolean) => void;
  /** Ends all listening. */
  readonly signal: AbortSignal;
}

/**
 * Keeps the end of a growing text in sight for a reader who is there, and leaves alone whoever has scrolled up.
 *
 * How the reader scrolls does not matter: only that the text has moved up. While a wheel, a finger or a key may be about to
 * move it, it is not moved from here, because that would undo the first pixels of a slow movement before they are seen.
 */
export function createReadingPlace({
  node,
  content,
  onChange,
  signal,
}: ReadingPlaceOptions): ReadingPlace {
  let isFollowing = true;
  let hasNewText = false;
  /** Where the text was when it was last looked at, and how high it was. */
  let top = 0;
  let height = Infinity;
  /** How much of it could be seen. */
  let room = 0;
  let heldUntil = 0;
  let pinnedUntil = 0;
  let isPressed = false;
  let timer = 0;

  const left = () => node.scrollHeight - node.scrollTop - node.clientHeight;

  /** Notices where the reader has scrolled to. Our own movements are noted in `top` and change nothing. */
  function look(): void {
    const { scrollTop, clientHeight } = node;
    if (scrollTop > top && left() < NEAR_END) isFollowing = true;
    // A text that has become shorter moves up, too, but its end stays in sight. So does one that gets more room, of which
    // something may be taken away again before this is called.
    else if (scrollTop < top && left() > ROUNDING && clientHeight === room) isFollowing = false;
    top = scrollTop;
    room = clientHeight;
  }

  function settle(): void {
    // The browser tells late of a movement: at the next frame.
    if (performance.now() >= pinnedUntil) look();
    hasNewText = !isFollowing && (hasNewText || node.scrollHeight > height);
    // A panel that is closed has none.
    height = node.scrollHeight || height;
    // Only the first screen has a class. It is read from its beginning.
    const isMoved = isFollowing && !isPressed && !content.className;
    if (isMoved && performance.now() >= heldUntil) {
      node.scrollTop = height;
      top = node.scrollTop;
    }
    onChange(!isFollowing && left() > NEAR_END, hasNewText);
  }

  function hold(): void {
    pinnedUntil = 0;
    heldUntil = settleLater();
  }

  /** @returns when that is */
  function settleLater(): number {
    clearTimeout(timer);
    timer = setTimeout(settle, HOLD_MS);
    return performance.now() + HOLD_MS;
  }

  const passive = { passive: true, signal };
  for (const type of ["wheel", "touchstart", "touchmove", "keydown"]) {
    node.addEventListener(type, hold, passive);
  }
  node.addEventListener("scroll", settle, passive);
  // Text that is being selected stays under the mouse, and stays there afterwards.
  node.addEventListener(
    "mousemove",
    ({ buttons }) => {
      if (isPressed && buttons === 1) isFollowing = false;
    },
    passive,
  );
  node.addEventListener("mousedown", () => void (isPressed = true), passive);
  addEventListener(
    "mouseup",
    () => {
      if (!isPressed) return;
      isPressed = false;
      settle();
    },
    passive,
  );
  const observer = new ResizeObserver(settle);
  observer.observe(node);
  observer.observe(content);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearTimeout(timer);
  });

  function toEnd(): void {
    isFollowing = true;
    heldUntil = 0;
    // A place that was not looked at yet would count as scrolled up.
    top = node.scrollTop;
    settle();
  }

  return {
    toEnd,
    breakOffToEnd() {
      pinnedUntil = settleLater();
      toEnd();
    },
    current: () => (isFollowing ? undefined : node.scrollTop),
    restore(place) {
      if (place === undefined) return;
      isFollowing = false;
      node.scrollTop = place;
      top = node.scrollTop;
    },
  };
}
