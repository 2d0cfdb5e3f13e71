import { storeShop } from "../../harness/store-shop.ts";
import { DAY_MS } from "../../src/runtime/time.ts";
import { NOTES_URI } from "../../src/store/knowledge-store.ts";
import { costOf } from "../../src/store/spending-rules.ts";
import type { Store } from "../../src/store/store.ts";
import type { BrowserPage } from "../support/browser.ts";
import { addSource, newDocument, section } from "../support/stored-knowledge.ts";
import { storeHeld, storeSpent } from "../support/stored-spending.ts";
import { until } from "../support/until.ts";

/** The pages of the dashboard, each in the states that look different. */
export interface Page {
  readonly name: string;
  readonly path: string;
  /**
   * What the database has: nothing, or the twenty conversations of a shop and what its bot knows, also with a budget that is
   * nearly used up. The shop by default.
   */
  readonly of?: "unclaimed" | "empty" | "shop" | "budget";
  /** Nobody is logged in. */
  readonly isPublic?: boolean;
  /** A link of the page at `path` that is followed. */
  readonly link?: string;
  readonly steps?: (page: BrowserPage) => Promise<unknown>;
}

const LIST = "/dashboard/conversations";
const open = (selector: string) => (page: BrowserPage) =>
  page.evaluate(`void $$(${JSON.stringify(selector)}).forEach((each) => { each.open = true; })`);

const SPENDING = "/dashboard/settings/spending";
/** Sends the form of the budgets with these entries. */
async function submit(page: BrowserPage, entries: Readonly<Record<string, string>>) {
  await page.evaluate(
    `void Object.entries(${JSON.stringify(entries)}).forEach(([name, value]) => { document.getElementsByName(name)[0].value = value; })`,
  );
  await page.evaluate(`void $("#budget-form .primary").click()`);
  // Asked from outside, because it is made without the page's script, too.
  const isThere = () => page.evaluate<boolean>(`$("#budget-form .problem") !== null`);
  // A page that is being left does not answer.
  await until(() => isThere().catch(() => false));
}

const TABS = ["", "/notes", "/files", "/try", "/questions"];
const SECTIONS =
  "model instructions knowledge websites widget spending people notices keys limits password changes".split(
    " ",
  );

export const PAGES: readonly Page[] = [
  { name: "login", path: "/dashboard/login", isPublic: true },
  { name: "unclaimed", path: "/dashboard", of: "unclaimed", isPublic: true },
  { name: "claim", path: "/dashboard/claim", of: "unclaimed", isPublic: true },
  { name: "empty-overview", path: "/dashboard", of: "empty" },
  { name: "empty-list", path: LIST, of: "empty" },
  { name: "empty-setup", path: "/dashboard/setup", of: "empty" },
  ...TABS.map((tab) => ({
    name: `empty-knowledge${tab.replace("/", "-")}`,
    path: `/dashboard/knowledge${tab}`,
    of: "empty" as const,
  })),
  { name: "empty-keys", path: "/dashboard/settings/keys", of: "empty" },
  { name: "empty-changes", path: "/dashboard/settings/changes", of: "empty" },
  { name: "overview", path: "/dashboard" },
  { name: "overview-week", path: "/dashboard?days=7&figure=first-token" },
  { name: "overview-table", path: "/dashboard?days=90&figure=failed", steps: open("details") },
  { name: "list", path: LIST },
  { name: "list-failed", path: `${LIST}?mark=failed` },
  { name: "list-today", path: LIST, link: ".chips a:last-child" },
  { name: "list-search", path: `${LIST}?q=size` },
  { name: "list-nothing", path: `${LIST}?q=zebra` },
  { name: "list-problems", path: `${LIST}?q=size&from=soon&to=2020-01-01` },
  { name: "list-keys", path: LIST, steps: (page) => page.press("?") },
  { name: "thread", path: `${LIST}?q=norway`, link: ".list a" },
  { name: "thread-table", path: `${LIST}?q=between`, link: ".list a" },
  { name: "thread-code", path: `${LIST}?q=webhook`, link: ".list a", steps: open("details") },
  { name: "thread-failed", path: `${LIST}?mark=failed`, link: ".list a" },
  { name: "thread-stopped", path: `${LIST}?mark=stopped`, link: ".list a" },
  { name: "thread-unanswered", path: `${LIST}?mark=unanswered`, link: ".list a" },
  { name: "thread-delete", path: `${LIST}?q=norway`, link: ".list a", steps: open(".danger") },
  { name: "setup", path: "/dashboard/setup" },
  {
    name: "setup-react",
    path: "/dashboard/setup",
    steps: (page) => page.evaluate(`void ($("[value=react]").checked = true)`),
  },
  { name: "setup-open", path: "/dashboard/setup", steps: open("details") },
  ...TABS.map((tab) => ({
    name: `knowledge${tab.replace("/", "-")}`,
    path: `/dashboard/knowledge${tab}`,
  })),
  { name: "knowledge-tried", path: "/dashboard/knowledge/try?q=How+long+to+Norway" },
  { name: "knowledge-source", path: "/dashboard/knowledge", link: ".rows a[href*='/sources/']" },
  { name: "knowledge-document", path: "/dashboard/knowledge/documents/1" },
  ...SECTIONS.map((id) => ({ name: `settings-${id}`, path: `/dashboard/settings/${id}` })),
  { name: "budget-overview", path: "/dashboard?figure=cost", of: "budget" },
  { name: "budget-settings", path: SPENDING, of: "budget" },
  {
    name: "budget-problem",
    path: SPENDING,
    of: "budget",
    steps: (page) => submit(page, { BUDGET_PER_DAY: "2,50", BUDGET_MESSAGE: "x".repeat(301) }),
  },
  { name: "settings-saved", path: "/dashboard/settings/websites?done=saved" },
  { name: "error-404", path: "/dashboard/nowhere" },
  { name: "error-query", path: "/dashboard?days=8" },
];

/** What the shop's bot knows. */
export async function storeKnowledge(store: Store): Promise<void> {
  const now = Date.now();
  const stored = { createdAt: now, nextAt: now + 80_000_000 };
  const site = await addSource(store, { ...stored, uri: "https://lamps.example/" });
  for (const [place, days] of Object.entries({ Norway: 5, Sweden: 3, Chile: 12 })) {
    await store.putDocument(
      newDocument({
        sourceId: site.id,
        uri: `https://lamps.example/shipping/${place.toLowerCase()}`,
        title: `Shipping to ${place}`,
        at: now,
        sections: [
          section(
            `Parcels to ${place} take ${days} working days and are insured.`,
            "How long",
            "long",
          ),
          section(
            `We send to ${place} for ${days + 7} euros, from 150 euros it is free.`,
            "Prices",
          ),
        ],
      }),
    );
  }
  await store.noteDocument({
    sourceId: site.id,
    uri: "https://lamps.example/old-catalogue-of-the-year-before/lamps-for-the-garden.pdf",
    status: "failed",
    reason: "The server answered with the status 500.",
    isMissing: false,
    at: now,
  });
  const owner = "pictures";
  await store.claimSource({ owner, sourceId: site.id, now, until: now + 60_000 });
  await store.endSource(site.id, { owner, at: now, error: undefined, nextAt: stored.nextAt });
  const notes = await addSource(store, {
    ...stored,
    kind: "notes",
    uri: NOTES_URI,
    nextAt: undefined,
    everyHours: undefined,
  });
  await store.putDocument(
    newDocument({
      sourceId: notes.id,
      uri: "note:1",
      title: "Opening hours over Christmas",
      original: "We are closed from 24 December to 2 January.",
      sections: [section("We are closed from 24 December to 2 January.")],
      at: now,
    }),
  );
}

/** The shop with budgets: that of the day is used up, that of the month nearly. */
export async function fillBudget(store: Store): Promise<void> {
  await fillShop(store);
  const now = Date.now();
  for (let days = 0; days < 30; days += 1) {
    const inputTokens = 400_000 + 90_000 * (days % 7);
    const amount = { inputTokens, outputTokens: 120_000 };
    const cost = costOf({ input: 0.4, output: 1.6 }, amount);
    await storeSpent(store, now - days * DAY_MS, { ...amount, cost });
  }
  await storeHeld(store, now, { inputTokens: 30_000, outputTokens: 10_000 });
  await storeSettings(store, {
    OPENAI_MODEL: "gpt-4.1-mini",
    BUDGET_PER_DAY: "0.36",
    BUDGET_PER_MONTH: "15",
    BUDGET_MESSAGE: "No more answers today. Write to hello@lamps.example.",
  });
}

/** Stores settings as an owner does, in a database that has none. */
export async function storeSettings(store: Store, values: Record<string, string>): Promise<void> {
  const rest = { madeKeys: [], revokedKeys: [], instructions: undefined, audit: [] };
  const by = "the owner";
  await store.changeSettings({ ...rest, values, expectedVersion: 0, at: Date.now(), by });
}

export async function fillShop(store: Store): Promise<void> {
  await storeShop(store);
  await storeKnowledge(store);
}
