import type { Attributes } from "../settings.ts";

/** A chat that waits longer for its texts does without them. */
const TIMEOUT_MS = 5000;

/**
 * The texts and looks that the owner has set for all pages, by the names of settings. A script tag gets them with the
 * script; a module may be a copy that knows nothing of them. Empty when they cannot be had.
 */
export async function ownerTexts(apiUrl: string): Promise<Attributes> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${apiUrl}/widget/settings.json`, { credentials: "omit", signal });
    const { greeting, suggestions, color, ...others } = Object(await response.json());
    return onlyTexts({
      ...others,
      welcomeMessage: greeting,
      suggestions: [suggestions].flat().join(" | "),
      accentColor: color,
    });
  } catch {
    // What stops these texts stops the chat, too, which then says so.
    return {};
  }
}

function onlyTexts(values: Readonly<Record<string, unknown>>): Attributes {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
}
