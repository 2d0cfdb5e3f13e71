/** Moves the focus over the points of a chart, of which only one can be reached with Tab. */
export function followPoints(): void {
  document.addEventListener("keydown", (event) => {
    const point = pointOf(event.target);
    const next =
      point && !event.ctrlKey && !event.metaKey && !event.altKey && neighbour(point, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  document.addEventListener("focusin", ({ target }) => {
    const point = pointOf(target);
    for (const each of point?.parentElement?.children ?? []) {
      if (each instanceof HTMLElement) each.tabIndex = each === point ? 0 : -1;
    }
  });
  // A finger does not hover: it moves the focus along.
  document.addEventListener("pointermove", ({ pointerType, clientX, clientY }) => {
    if (pointerType === "touch") pointOf(document.elementFromPoint(clientX, clientY))?.focus();
  });
}

function pointOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof Element
    ? (target.closest<HTMLElement>("[data-points] > *") ?? undefined)
    : undefined;
}

function neighbour(point: HTMLElement, key: string): HTMLElement | undefined {
  const points = point.parentElement?.children ?? [];
  const found = {
    ArrowLeft: point.previousElementSibling,
    ArrowRight: point.nextElementSibling,
    Home: points[0],
    End: points[points.length - 1],
  }[key];
  return found instanceof HTMLElement ? found : undefined;
}
