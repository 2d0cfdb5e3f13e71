import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp } from "../../harness/process.ts";
import { randomNumbers } from "../../harness/random-numbers.ts";
import { SHOP_CONVERSATIONS } from "../../harness/shop-conversations.ts";
import { spentAt } from "../../harness/store-shop.ts";
import type { Store } from "../../src/store/store.ts";
import { openAsOwner, startFilled } from "../support/owner-browser.ts";
import { addSource, newDocument, section } from "../support/stored-knowledge.ts";
import { storeSpent } from "../support/stored-spending.ts";
import { begin, newTurn, outcome } from "../support/stored-turns.ts";
import { fillShop, storeSettings } from "./dashboard-pages.ts";

/**
 * Makes the pictures of the dashboard for the documentation: the overview, a conversation in dark colours beside the list,
 * what the model costs, and what the bot reads.
 * Needs Chromium. Usage: bun tests/pictures/owner.ts FOLDER
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Usage: bun tests/pictures/owner.ts FOLDER");

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 60;
/** Of gpt-4.1, in dollars for a million tokens. */
const PRICES = { input: 2, output: 8 };

/** Two months of visitors, fewer on weekends, more from month to month. */
async function storeMonths(store: Store): Promise<void> {
  const random = randomNumbers(20_261_126);
  const now = Date.now();
  const questions = SHOP_CONVERSATIONS.flatMap(({ turns }) => turns.map((turn) => turn.question));
  for (let day = DAYS; day >= 1; day--) {
    const at = now - day * DAY_MS;
    const isWeekend = [0, 6].includes(new Date(at).getUTCDay());
    const count = Math.round((isWeekend ? 8 : 20) + random() * 12 + (DAYS - day) / 10);
    for (let i = 0; i < count; i++) {
      const question = questions[Math.floor(random() * questions.length)] ?? "";
      const turn = newTurn({ sessionId: `${day}-${i}`, question, at: at + i });
      await begin(store, turn);
      const isFailed = random() < 0.013;
      const tokens = 2200 + Math.floor(random() * 800);
      await store.finishTurn(
        turn.turnId,
        outcome({
          content: isFailed ? "" : "Yes, within five working days.",
          status: isFailed ? "failed" : "complete",
          usage: { promptTokens: tokens, completionTokens: 80, totalTokens: tokens + 80 },
          spent: spentAt(at + i, tokens, 80, PRICES),
          firstTokenMs: 420 + Math.floor(random() * 400),
          at: at + i,
        }),
      );
    }
  }
}

/** The pages of a website that was read a while ago. */
async function storeSite(store: Store, host: string, pages: number): Promise<void> {
  const at = Date.now() - 7 * 60 * 60 * 1000;
  const nextAt = at + DAY_MS;
  const site = await addSource(store, { uri: `https://${host}/`, createdAt: at, nextAt });
  const text = "How the lamp is put up, what belongs to it, and how it is cleaned. ".repeat(6);
  for (let page = 0; page < pages; page++) {
    const sections = Array.from({ length: 3 + (page % 7) }, () => section(text));
    const uri = `https://${host}/${page}`;
    await store.putDocument(newDocument({ sourceId: site.id, uri, title: uri, sections, at }));
  }
  const owner = "pictures";
  await store.claimSource({ owner, sourceId: site.id, now: at, until: at + 60_000 });
  await store.endSource(site.id, { owner, at, error: undefined, nextAt });
}

const model = startModelServer(answer("Yes."));
const server = await startFilled(
  async (store) => {
    await storeMonths(store);
    await fillShop(store);
    const today = { inputTokens: 61_300, outputTokens: 1920, cost: 137_960 };
    await storeSpent(store, Date.now(), today);
    await storeSite(store, "help.lamps.example", 187);
    await storeSite(store, "blog.lamps.example", 64);
    await storeSettings(store, {
      OPENAI_MODEL: "gpt-4.1",
      BUDGET_PER_DAY: "0.50",
      BUDGET_PER_MONTH: "10",
      BUDGET_MESSAGE: "No more answers today. Write to hello@lamps.example.",
      WEBHOOK_URL: "https://lamps.example/notices",
    });
    const fact = { topic: "address", subject: "https://chat.lamps.example", text: "" } as const;
    await store.noteSetupFact({ ...fact, at: Date.now() });
  },
  {
    OPENAI_BASE_URL: model.url,
    CORS_ORIGIN: "https://lamps.example",
    PUBLIC_URL: "https://chat.lamps.example",
    SYSTEM_PROMPT: "You help the visitors of a shop for lamps.",
    TIME_ZONE: "Europe/Oslo",
  },
);

const LIST = "/dashboard/conversations";
const PICTURES = [
  { name: "dashboard", path: "/dashboard", height: 1000, colorScheme: "light" },
  { name: "dashboard-thread", path: LIST, link: "usually", height: 760, colorScheme: "dark" },
  { name: "spending", path: "/dashboard/settings/spending", height: 860, colorScheme: "light" },
  { name: "knowledge", path: "/dashboard/knowledge", height: 740, colorScheme: "light" },
] as const;

mkdirSync(folder, { recursive: true });
for (const { name, path, height, colorScheme, ...rest } of PICTURES) {
  const page = await openAsOwner(server.url, path, { width: 1280, height, colorScheme });
  await page.cdp("Emulation.setScrollbarsHidden", { hidden: true });
  await page.reload();
  if ("link" in rest) {
    const link = `$$(".list a").find(({ textContent }) => textContent.includes("${rest.link}"))`;
    await page.goto(await page.evaluate<string>(`${link}.href`));
  }
  await Bun.sleep(500);
  const { data } = await page.cdp<{ data: string }>("Page.captureScreenshot", { format: "png" });
  await Bun.write(resolve(folder, `${name}.png`), Buffer.from(data, "base64"));
  page.close();
}
await cleanUp();
await model.stop();
process.exit(0);
