/** The kind of key that a route requires. */
export type KeyKind = "widget" | "admin" | "metrics";

interface KeyHeader {
  readonly name: string;
  /** The name of the security scheme in the OpenAPI document. */
  readonly scheme: string;
  readonly description: string;
}

/** The headers that can hold a key, besides `Authorization: Bearer`. The first one that is present counts. */
export const KEY_HEADERS: Readonly<Record<KeyKind, readonly KeyHeader[]>> = {
  widget: [
    {
      name: "x-api-key",
      scheme: "widgetKey",
      description:
        "One of WIDGET_API_KEY, which is public, like the page that contains it, or of PROGRAM_API_KEY",
    },
    {
      name: "x-widget-api-key",
      scheme: "widgetKeyAlternative",
      description: "The same key, under its name in open-chat-widget",
    },
  ],
  admin: [
    {
      name: "x-admin-api-key",
      scheme: "adminKey",
      description: "One of ADMIN_API_KEY; only for servers, never for a page",
    },
  ],
  metrics: [{ name: "x-metrics-key", scheme: "metricsKey", description: "One of METRICS_KEY" }],
};

export function namesOf(kind: KeyKind): string[] {
  return KEY_HEADERS[kind].map(({ name }) => name);
}
