import { t } from "elysia";

import { decodeCursor, parseTime } from "../admin/filter.ts";
import { AppError } from "../errors.ts";
import type { ConversationFilter } from "../store/store.ts";
import { FORM_TOKEN_FIELD } from "./csrf.ts";

/** What the owner's browser sends. */

export const LoginForm = t.Object(
  {
    password: t.String({ maxLength: 1000, description: "at most 1000 characters" }),
    next: t.Optional(t.String({ maxLength: 500, description: "at most 500 characters" })),
  },
  { additionalProperties: false, description: "only password and next" },
);

/** A form whose button says everything. */
export const ButtonForm = t.Object(
  { [FORM_TOKEN_FIELD]: t.String() },
  { additionalProperties: false, description: "only formToken" },
);

export const ConversationParams = t.Object({
  id: t.String({ description: "the id of a conversation" }),
});

export const ThreadQuery = t.Object({
  before: t.Optional(t.String({ pattern: "^[0-9]{1,15}$", description: "the id of a message" })),
});

export const ExportQuery = t.Object({
  format: t.Optional(
    t.Union([t.Literal("ndjson"), t.Literal("csv")], { description: "ndjson or csv" }),
  ),
});

/** The search form and the pager, as they were sent; empty where nothing was. */
export interface ListFields {
  readonly q: string;
  readonly from: string;
  readonly to: string;
  readonly cursor: string;
}

/** What is wrong with a field, for the person who filled it. */
export type ListProblems = { [Name in keyof ListFields]: string | undefined };

export const PAGE_SIZE = 50;
const MAX_SEARCH_LENGTH = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Reads the search by hand, because a schema would answer with an error page: here what was typed
 * comes back with what is wrong beside it.
 */
export function readList(url: string): {
  fields: ListFields;
  problems: ListProblems;
  filter: ConversationFilter | undefined;
} {
  const query = new URL(url).searchParams;
  const read = (name: string) => query.get(name) ?? "";
  const fields = { q: read("q"), from: read("from"), to: read("to"), cursor: read("cursor") };

  const notADate = "Not a date. For example: 2026-11-23";
  const cursor = parse(fields.cursor, decodeCursor, "is not one of this list");
  const from = parse(fields.from, (text) => parseTime("/from", text, 0), notADate);
  // A bare date as the end means the whole of that day.
  const to = parse(fields.to, (text) => parseTime("/to", text, DAY_MS), notADate);
  const isBackwards = from.value !== undefined && to.value !== undefined && to.value <= from.value;
  const isTooLong = fields.q.length > MAX_SEARCH_LENGTH;
  const problems: ListProblems = {
    q: isTooLong ? `Longer than ${MAX_SEARCH_LENGTH} characters.` : undefined,
    from: from.problem,
    to: isBackwards ? "This is before the first day." : to.problem,
    cursor: cursor.problem,
  };
  const isRight = Object.values(problems).every((problem) => problem === undefined);
  const search = fields.q.trim() === "" ? undefined : fields.q;
  const filter = {
    limit: PAGE_SIZE,
    search,
    from: from.value,
    to: to.value,
    cursor: cursor.value,
  };
  return { fields, problems, filter: isRight ? filter : undefined };
}

interface Parsed<T> {
  readonly value?: T;
  readonly problem?: string;
}

function parse<T>(text: string, read: (text: string) => T, problem: string): Parsed<T> {
  if (text === "") return {};
  try {
    return { value: read(text) };
  } catch (error) {
    if (error instanceof AppError) return { problem };
    throw error;
  }
}

/** The options of the widget that the preview has a form for. */
export interface WidgetFields {
  readonly title: string;
  readonly welcome: string;
  readonly placeholder: string;
  readonly accent: string;
  readonly position: string;
  readonly theme: string;
  readonly lang: string;
}

export type WidgetProblems = { [Name in keyof WidgetFields]: string | undefined };

export const POSITIONS = ["right", "left"];
export const THEMES = ["auto", "light", "dark"];
export const LANGUAGES = ["", "en", "de", "es", "fr", "it", "pt", "ja", "ar"];
const MAX_TEXT_LENGTH = 300;

export function readWidget(url: string): { fields: WidgetFields; problems: WidgetProblems } {
  const query = new URL(url).searchParams;
  const read = (name: string, fallback = "") => query.get(name)?.trim() ?? fallback;
  const fields: WidgetFields = {
    title: read("title"),
    welcome: read("welcome"),
    placeholder: read("placeholder"),
    accent: read("accent"),
    position: read("position", "right"),
    theme: read("theme", "auto"),
    lang: read("lang"),
  };
  const isColor = fields.accent === "" || /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(fields.accent);
  return {
    fields,
    problems: {
      title: tooLong(fields.title),
      welcome: tooLong(fields.welcome),
      placeholder: tooLong(fields.placeholder),
      accent: isColor ? undefined : "Not a colour. For example: #0f766e",
      position: notOneOf(fields.position, POSITIONS),
      theme: notOneOf(fields.theme, THEMES),
      lang: notOneOf(fields.lang, LANGUAGES),
    },
  };
}

function tooLong(text: string): string | undefined {
  return text.length > MAX_TEXT_LENGTH ? `Longer than ${MAX_TEXT_LENGTH} characters.` : undefined;
}

function notOneOf(text: string, options: readonly string[]): string | undefined {
  return options.includes(text) ? undefined : `Choose one of the list.`;
}
