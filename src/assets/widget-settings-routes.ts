import { Elysia, t } from "elysia";

import type { Config } from "../config/config.ts";
import { documented } from "../http/documented.ts";

/** A page that a visitor opens within a minute of another one asks no request for it. */
const A_MINUTE = "public, max-age=60";

const WidgetSettingsSchema = t.Object(
  {
    title: t.Optional(t.String({ examples: ["Ask us"] })),
    subtitle: t.Optional(t.String({ examples: ["We answer at once"] })),
    greeting: t.Optional(t.String({ description: "What an empty conversation begins with" })),
    suggestions: t.Array(t.String(), { description: "Questions to choose from" }),
    notice: t.Optional(
      t.String({
        description: "The line under the input, which says that an AI answers; `off`: no line",
      }),
    ),
    privacyUrl: t.Optional(t.String({ description: "The https address of the page on privacy" })),
    color: t.Optional(t.String({ examples: ["#0f766e"] })),
    logo: t.Optional(t.String({ description: "The address of an image" })),
  },
  {
    title: "WidgetSettings",
    description: "What the owner has set for all pages. What is missing is the widget's own.",
  },
);

/** Texts and looks of the widget, which its script asks for on a page. They hold no secret. */
export function widgetSettingsRoute(config: Pick<Config, "server" | "widget">) {
  const isProduction = config.server.environment === "production";
  return new Elysia({ name: "widget-settings" }).get(
    "/widget/settings.json",
    ({ set }) => {
      set.headers.vary = "Origin";
      set.headers["cross-origin-resource-policy"] = "cross-origin";
      if (isProduction) set.headers["cache-control"] = A_MINUTE;
      return Response.json(config.widget);
    },
    {
      detail: documented({
        operationId: "getWidgetSettings",
        summary: "Texts and looks of the widget",
        description:
          "The same for all pages; the attributes of a page's script tag win. In production it may be cached for a " +
          "minute.",
        tag: "assets",
        responses: {
          200: {
            description: "What the owner has set",
            content: { "application/json": WidgetSettingsSchema },
          },
        },
        errors: [],
      }),
    },
  );
}
