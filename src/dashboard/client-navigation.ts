/** The faded end of a navigation that is wider than the window, in pixels. */
const FADE_PX = 24;

/** Pushes each navigation that is wider than the window so far that the page that is open can be read in it. */
export function showCurrentPage(): void {
  for (const link of document.querySelectorAll("nav [aria-current]")) {
    const row = link.closest("nav");
    if (!row) continue;
    const hidden = link.getBoundingClientRect().right + FADE_PX - row.getBoundingClientRect().right;
    if (hidden > 0) row.scrollLeft += hidden;
  }
}
