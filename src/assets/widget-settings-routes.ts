import { Elysia, t } from "elysia";

import type { Config } from "../config/config.ts";
import { type PeopleSettings, PERSON_OFFERS } from "../config/people.ts";
import { documented } from "../http/documented.ts";

/** A page that a visitor opens within a minute of another one asks no request for it. */
const A_MINUTE = "public, max-age=60";

const PeopleSchema = t.Object(
  {
    ratings: t.Boolean({ description: "Whether answers can be rated" }),
    person: t.Union(
      PERSON_OFFERS.map((each) => t.Literal(each)),
      {
        title: "PersonOffer",
        description:
          "When a visitor is offered a person: always, after a poor answer (poor), or never (off)",
      },
    ),
    consent: t.Optional(
      t.String({ description: "What a visitor agrees to who leaves an address" }),
    ),
    hours: t.Optional(t.String({ examples: ["Mo-Fr 09:00-17:00 Europe/Berlin"] })),
  },
  {
    title: "PeopleSettings",
    description:
      "What visitors can do besides asking. What is missing is the widget's own, or is not promised.",
  },
);

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
    people: PeopleSchema,
  },
  {
    title: "WidgetSettings",
    description: "What the owner has set for all pages. What is missing is the widget's own.",
  },
);

/** Texts and looks of the widget, which its script asks for on a page. They hold no secret. */
export function widgetSettingsRoute(config: Pick<Config, "server" | "widget" | "people">) {
  const isProduction = config.server.environment === "production";
  return new Elysia({ name: "widget-settings" }).get(
    "/widget/settings.json",
    ({ set }) => {
      set.headers.vary = "Origin";
      set.headers["cross-origin-resource-policy"] = "cross-origin";
      if (isProduction) set.headers["cache-control"] = A_MINUTE;
      return Response.json({ ...config.widget, people: shownPeople(config.people) });
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

function shownPeople({ hasRatings, person, consent, hours }: PeopleSettings) {
  return { ratings: hasRatings, person, consent, hours: hours?.text };
}
