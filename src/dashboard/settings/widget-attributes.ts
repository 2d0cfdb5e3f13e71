/** What the widget says and shows by itself, to a visitor who reads English. */
export const OWN = {
  title: "Chat",
  subtitle: "AI assistant",
  greeting: "Hi! How can I help you?",
  placeholder: "Write a message…",
  notice: "An AI answers and can be wrong.",
  privacy: "Privacy",
  color: "#0f766e",
} as const;

interface PreviewedField {
  /** The name of the setting, and of its field. */
  readonly name: string;
  /** The attribute of <chat-porch> that shows the same in the preview. */
  readonly attribute: string;
  /** What is shown while the field is empty: without it, the preview would show what is still stored. */
  readonly whenEmpty?: string;
}

const PREVIEWED: readonly PreviewedField[] = [
  // With a title, the widget shows its first letter in place of its icon.
  { name: "WIDGET_TITLE", attribute: "heading" },
  { name: "WIDGET_SUBTITLE", attribute: "subtitle", whenEmpty: OWN.subtitle },
  { name: "WIDGET_GREETING", attribute: "welcome-message", whenEmpty: OWN.greeting },
  // No question at all.
  { name: "WIDGET_SUGGESTIONS", attribute: "suggestions", whenEmpty: "|" },
  { name: "WIDGET_NOTICE", attribute: "notice", whenEmpty: OWN.notice },
  { name: "WIDGET_PRIVACY_URL", attribute: "privacy-url" },
  { name: "WIDGET_COLOR", attribute: "accent-color", whenEmpty: OWN.color },
];

/**
 * The attributes of <chat-porch> for what the fields hold. Server and browser make them in the same way.
 * @param textOf the text of a field. Undefined: the environment fixes it, and the widget has it by itself
 */
export function previewAttributes(
  textOf: (name: string) => string | undefined,
): readonly (readonly [attribute: string, value: string])[] {
  return PREVIEWED.flatMap(({ name, attribute, whenEmpty = "" }) => {
    const text = textOf(name)?.trim();
    return text === undefined ? [] : [[attribute, text === "" ? whenEmpty : text] as const];
  });
}
