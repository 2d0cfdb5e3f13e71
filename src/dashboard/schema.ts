import { t } from "elysia";

import {
  type FilterFields,
  type FilterProblem,
  judgeFilter,
  MAX_SEARCH_LENGTH,
} from "../admin/filter.ts";
import { KnowledgeId } from "../admin/knowledge-schema.ts";
import { ExportFormat, ThreadFormat } from "../admin/schema.ts";
import { MessageText } from "../chat/schema.ts";
import { MAX_UPLOADED_FILES } from "../knowledge/entry-limits.ts";
import type { LocalDays } from "../runtime/local-days.ts";
import type { ConversationFilter } from "../store/conversation-store.ts";
import { FORM_TOKEN_FIELD } from "./csrf.ts";
import { readInterval } from "./list/periods.ts";
import { FIGURE_IDS, PERIODS } from "./overview/choice.ts";
import { MAX_CHOSEN_LENGTH } from "./password-hash.ts";

/** The requests of the owner's browser. */

export const LoginForm = t.Object(
  {
    password: t.String({ maxLength: 1000, description: "at most 1000 characters" }),
    next: t.Optional(t.String({ maxLength: 500, description: "at most 500 characters" })),
  },
  { additionalProperties: false, description: "only password and next" },
);

/** Two passwords must fit into a form, with each character encoded as nine bytes. */
const CHOSEN_PASSWORD = t.String({
  maxLength: MAX_CHOSEN_LENGTH,
  description: `at most ${MAX_CHOSEN_LENGTH} characters`,
});

export const ClaimForm = t.Object(
  {
    token: t.String({ maxLength: 100, description: "at most 100 characters" }),
    password: CHOSEN_PASSWORD,
    again: CHOSEN_PASSWORD,
  },
  { additionalProperties: false, description: "only token, password and again" },
);

/** A form that consists of a button. */
export const ButtonForm = t.Object(
  { [FORM_TOKEN_FIELD]: t.String() },
  { additionalProperties: false, description: "only formToken" },
);

/** What the owner writes to a visitor. */
export const OwnerMessageForm = t.Object(
  {
    [FORM_TOKEN_FIELD]: t.String(),
    text: MessageText,
    key: t.String({
      pattern: "^[\\w-]{1,64}$",
      description: "1 to 64 letters, digits and hyphens",
    }),
  },
  { additionalProperties: false, description: "only formToken, text and key" },
);

/** A form of the settings. Its fields are judged as settings are, so that the form comes back with the problems. */
export const SettingsForm = t.Record(t.String(), t.String());

export const SettingsParams = t.Object({ section: t.String() });

export const KnowledgeParams = t.Object({ tab: t.String() });

export const KnowledgeItemParams = t.Object({ tab: t.String(), id: KnowledgeId });

/** Files, and the fields of their form. Each file is judged when it is read. */
export const FilesForm = t.Object(
  {
    [FORM_TOKEN_FIELD]: t.String(),
    files: t.Array(t.Unknown(), {
      maxItems: MAX_UPLOADED_FILES,
      description: `at most ${MAX_UPLOADED_FILES} files`,
    }),
  },
  { additionalProperties: false, description: "only formToken and files" },
);

/** What a page listens to: the knowledge, one conversation, or all of them. */
export const EventsQuery = t.Object({
  of: t.Optional(
    t.String({
      pattern: "^(?:knowledge|c_[\\w-]{1,40})$",
      description: "knowledge or the id of a conversation",
    }),
  ),
});

/** The id of a conversation, which the address of its page has, and that of a request for a person. */
export const RequestOfThreadParams = t.Object({
  id: t.String({ pattern: "^c_[\\w-]{1,40}$", description: "the id of a conversation" }),
  request: t.String(),
});

const MessageId = t.String({ pattern: "^[0-9]{1,15}$", description: "the id of a message" });

/** Besides these, the address has what the list was searched for. */
export const ThreadQuery = t.Object(
  {
    before: t.Optional(MessageId),
    message: t.Optional(MessageId),
    view: t.Optional(t.Literal("source")),
  },
  { additionalProperties: true },
);

/** What the overview shows. */
export const OverviewQuery = t.Object({
  days: t.Optional(
    t.String({ pattern: `^(?:${PERIODS.join("|")})$`, description: PERIODS.join(", ") }),
  ),
  figure: t.Optional(
    t.String({ pattern: `^(?:${FIGURE_IDS.join("|")})$`, description: FIGURE_IDS.join(", ") }),
  ),
});

/** The filter of the list is read by readList. */
export const ExportQuery = t.Object(
  { format: t.Optional(ExportFormat) },
  { additionalProperties: true },
);

export const ThreadExportQuery = t.Object({ format: t.Optional(ThreadFormat) });

/** The search form and the pager as they were sent. A field that was not sent is empty. */
export type ListFields = FilterFields;

/** The problem with each field, for the person who filled it in. */
export type ListProblems = { [Name in keyof ListFields]: string | undefined };

export const NO_PROBLEMS: ListProblems = {
  q: undefined,
  from: undefined,
  to: undefined,
  mark: undefined,
  cursor: undefined,
};

const LIST_SENTENCES: Readonly<Record<FilterProblem, string>> = {
  too_long: `Longer than ${MAX_SEARCH_LENGTH} characters.`,
  not_a_date: "Not a date. For example: 2026-11-23",
  unknown_mark: "Not one of the filters.",
  not_after_from: "This is before the first day.",
  unknown_cursor: "is not one of this list",
};

export const PAGE_SIZE = 50;

/**
 * Reads the search without a schema, because a schema would answer with an error page. Here the form comes back
 * with what was typed, and the problem beside it.
 * @param days those that bare dates are
 */
export function readList(
  url: string,
  days: LocalDays,
): {
  fields: ListFields;
  problems: ListProblems;
  filter: ConversationFilter | undefined;
} {
  const query = new URL(url).searchParams;
  const read = (name: string) => query.get(name) ?? "";
  const period = read("period");
  const fields = {
    q: read("q"),
    ...(period === "" ? { from: read("from"), to: read("to") } : readInterval(period)),
    mark: read("mark"),
    cursor: read("cursor"),
  };

  const judged = judgeFilter(fields, PAGE_SIZE, days);
  const sentence = (name: keyof ListFields) => {
    const problem = judged.problems[name];
    return problem && LIST_SENTENCES[problem];
  };
  const problems: ListProblems = {
    q: sentence("q"),
    from: sentence("from"),
    to: sentence("to"),
    mark: sentence("mark"),
    cursor: sentence("cursor"),
  };
  const isRight = Object.keys(judged.problems).length === 0;
  return {
    fields,
    problems,
    filter: isRight ? { ...judged.filter, countsNewer: true } : undefined,
  };
}
