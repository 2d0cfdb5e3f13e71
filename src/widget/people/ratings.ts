import { iconButton, setAria } from "../element.ts";
import type { Message, PeopleHost } from "./contract.ts";
import { createEcho } from "./rating-echo.ts";
import { isOfPerson, type Memory, type Rating, textOf, turnIdOf } from "./state.ts";
import { createWhyForm } from "./why-form.ts";
import type { Words } from "./words.ts";

const THUMB_ICON =
  "M7 11v9H3v-9ZM7 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9H19a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.8 20H7";

interface Ratings {
  /** Puts thumbs below the answers that have ended. */
  update(): void;
  /** Whether the visitor has rated the answer down. */
  isRatedDown(message: Message): boolean;
}

/** @param onChange called when a rating has changed */
export function createRatings(
  host: PeopleHost,
  t: Words,
  memory: Memory,
  onChange: () => void,
): Ratings {
  const { conversation, list, api } = host;
  /** What the thumbs of a row show. */
  const shown = new WeakMap<Element, unknown>();
  const told = createEcho(host, (turnId, rating) => {
    const message = conversation
      .entries()
      .find((each) => turnIdOf(each) === turnId && isRatable(each));
    if (message) note(message, rating);
  });

  function ratingOf({ stored }: Message): string | null | undefined {
    if (!stored) return undefined;
    const rated = memory.rated.get(stored);
    return rated === undefined ? textOf(stored.rating) : rated;
  }

  async function send(message: Message, rating: Rating): Promise<void> {
    const body = JSON.stringify(rating);
    const headers = { "content-type": "application/json" };
    // Also while the page is being left.
    const path = `/v1/chat/turns/${encodeURIComponent(turnIdOf(message) ?? "")}/rating`;
    await api.call(() => [path, { method: "PUT", headers, body, keepalive: true }]);
    told(turnIdOf(message), rating.rating);
  }

  function note(message: Message, value: string | null): void {
    if (message.stored) memory.rated.set(message.stored, value);
    show(message);
    onChange();
  }

  /** Shown at once, and taken back when it could not be sent. */
  async function rate(message: Message, pressed: "positive" | "negative"): Promise<void> {
    const before = ratingOf(message);
    const rating = before === pressed ? null : pressed;
    if (rating === "negative")
      memory.whys.set(message, { reasons: new Set(), text: "", isSending: false });
    else memory.whys.delete(message);
    forms.close(message);
    note(message, rating);
    try {
      await send(message, { rating });
    } catch {
      // Another press may have come since.
      if (ratingOf(message) === rating) note(message, before ?? null);
      forms.say(message, t.unsent);
    }
  }

  function show(message: Message): void {
    const row = list.views.get(message)?.node.querySelector(".actions");
    if (!row) return;
    const rating = ratingOf(message) ?? null;
    if (shown.get(row) !== rating) {
      shown.set(row, rating);
      for (const thumb of row.querySelectorAll(".rate")) {
        const isDown = thumb.classList.contains("down");
        setAria(thumb, "ariaPressed", rating === (isDown ? "negative" : "positive"));
      }
    }
    if (memory.whys.has(message)) forms.open(message);
  }

  const forms = createWhyForm(host, t, memory.whys, send);

  function addThumbs(message: Message, row: Element): void {
    const thumb = (className: string, name: string, rating: "positive" | "negative") => {
      const button = iconButton(`rate ${className}`, name, THUMB_ICON);
      button.onclick = () => void rate(message, rating);
      return button;
    };
    const thumbs = [thumb("up", t.good, "positive"), thumb("down", t.bad, "negative")];
    const again = row.querySelector(".again");
    if (again) again.before(...thumbs);
    else row.prepend(...thumbs);
    show(message);
  }

  return {
    isRatedDown: (message) => ratingOf(message) === "negative",
    update() {
      for (const message of conversation.entries()) {
        if (!isRatable(message)) continue;
        const row = list.views.get(message)?.node.querySelector(".actions");
        if (!row) continue;
        if (row.querySelector(".rate")) show(message);
        else addThumbs(message, row);
      }
    },
  };
}

function isRatable(message: Message): boolean {
  const { role, status, text } = message;
  const hasEnded = role === "assistant" && /complete|stopped|cut|limited/.test(status);
  return hasEnded && !!text && !isOfPerson(message) && turnIdOf(message) !== undefined;
}
