import type { KnowledgeMode } from "../../src/config/knowledge.ts";
import type { NoticeSettings } from "../../src/config/notices.ts";
import type { PersonOffer } from "../../src/config/people.ts";
import type { NoticeEvent } from "../../src/conversation/notice-kinds.ts";
import { createGroundQuestion, type FindPassages } from "../../src/knowledge/ground-question.ts";
import { KnowledgeGrounder } from "../../src/knowledge/grounder.ts";
import { Metrics } from "../../src/metrics/metrics.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { noticeSettings } from "./notices.ts";

/** Three passages: of a page, of a page without headings, and of a note. */
export const PASSAGES = [
  {
    uri: "https://shop.example/shipping",
    title: "Shipping",
    heading: "Outside the EU › Norway",
    anchor: "norway",
    text: "Parcels to Norway take 3 to 7 days.",
  },
  {
    uri: "https://shop.example/",
    title: "",
    heading: "",
    anchor: "",
    text: "We sell tea.",
  },
  { uri: "note:7", title: "Do you gift-wrap?", heading: "", anchor: "", text: "Yes, for 2 euros." },
] as const;

/** The three as clients get them. */
export const SHOWN = [
  {
    number: 1,
    title: "Shipping",
    heading: "Outside the EU › Norway",
    url: "https://shop.example/shipping#norway",
  },
  { number: 2, title: "https://shop.example/", url: "https://shop.example/" },
  { number: 3, title: "Do you gift-wrap?" },
] as const;

interface GrounderOptions {
  readonly find?: FindPassages;
  readonly mode?: KnowledgeMode;
  readonly sections?: () => Promise<number>;
  readonly deadlineMs?: number;
  readonly person?: PersonOffer;
  /** Of a webhook. */
  readonly events?: readonly NoticeEvent[];
}

/** A grounder whose search the test decides, and what it has counted and logged. */
export function createTestGrounder({
  find = async () => PASSAGES,
  mode = "prefer",
  sections = async () => 3,
  person = "off",
  events,
  ...options
}: GrounderOptions = {}) {
  const metrics = new Metrics();
  const lines: string[] = [];
  const embedding = { model: undefined, server: undefined, dimensions: undefined, secrets: [] };
  const allowPrivate = { hosts: [], cidrs: [] };
  const grounder = new KnowledgeGrounder({
    config: {
      knowledge: { mode, words: 1400, refreshHours: 24, allowPrivate, embedding },
      people: { person },
      notices: noticesOf(events),
    },
    store: {
      knowledgeSize: async () => ({ documents: 1, sections: await sections(), words: 9 }),
    },
    load: async () => createGroundQuestion(find),
    metrics,
    log: createLogger({
      level: "info",
      format: "json",
      secrets: () => [],
      write: (line) => lines.push(line),
      now: Date.now,
    }),
    ...options,
  });
  return { grounder, metrics, lines };
}

/** What is set with a webhook that wants these events. */
function noticesOf(events: readonly NoticeEvent[] | undefined): NoticeSettings {
  return noticeSettings(
    events === undefined
      ? {}
      : { WEBHOOK_URL: "https://crm.example/", WEBHOOK_EVENTS: events.join(",") },
  );
}
