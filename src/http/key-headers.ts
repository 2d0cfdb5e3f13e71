/** Which key a route asks for. */
export type KeyKind = "widget" | "admin" | "metrics";

interface KeyHeader {
  readonly name: string;
  /** What the header is called among the security schemes of the OpenAPI document. */
  readonly scheme: string;
  readonly description: string;
}

/** The headers that a key may come in, besides `Authorization: Bearer`; the first that is there counts. */
export const KEY_HEADERS: Readonly<Record<KeyKind, readonly KeyHeader[]>> = {
  widget: [
    {
      name: "x-api-key",
      scheme: "widgetKey",
      description: "One of WIDGET_API_KEY; it is public, like the page that it stands on",
    },
    {
      name: "x-widget-api-key",
      scheme: "widgetKeyAlternative",
      description: "The same key under the name that open-chat-widget gives it",
    },
  ],
  admin: [
    {
      name: "x-admin-api-key",
      scheme: "adminKey",
      description: "One of ADMIN_API_KEY, for servers and never for a page",
    },
  ],
  metrics: [{ name: "x-metrics-key", scheme: "metricsKey", description: "One of METRICS_KEY" }],
};

export function namesOf(kind: KeyKind): string[] {
  return KEY_HEADERS[kind].map(({ name }) => name);
}
