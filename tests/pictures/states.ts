import type { ModelCall, ModelScript } from "../../harness/model-server.ts";
import { failure } from "../../harness/model-server.ts";
import type { BrowserPage } from "../support/browser.ts";
import { ask } from "../support/panel-page.ts";

/** A state of the widget, and how a visitor gets there. */
export interface State {
  readonly name: string;
  /** Of the script tag, or of the element. */
  readonly attributes?: string;
  /** A part of the page, or all of it, in place of the launcher and its panel. */
  readonly mode?: "inline" | "page";
  /** From the closed widget on. */
  readonly steps?: (page: BrowserPage) => Promise<unknown>;
}

/** An answer with most of what Markdown has. */
export const RICH = `We ship **everywhere in Europe**, see [shipping](/shipping).

| Country | Days | Price |
| --- | ---: | ---: |
| Norway | 4–6 | 12.90 € |
| Portugal | 3–5 | 9.90 € |

1. Put it into the basket
2. Choose *Express*:
   - before noon: today
   - later: tomorrow

> Orders above 80 € travel free.

\`\`\`js
// the price of a parcel
const price = weight > 2 ? 12.9 : "free";
\`\`\``;

/** How the model answers, by the last question. */
export const reply: ModelScript = (call: ModelCall) => {
  const question = call.body.messages.at(-1)?.content ?? "";
  if (question.includes("fail")) return failure(400);
  if (question.includes("think")) return undefined;
  if (question.includes("write")) return call.token("Yes. We ship to Norway within four");
  call.token(question.includes("table") ? RICH : question.includes("?") ? "Yes." : "نعم، نشحن.");
  // What was written before has then been sent.
  if (question.includes("broken")) return void setTimeout(call.cut, 100);
  return call.finish();
};

const ended = "$('.log .assistant:last-child:not(.pending) .copy')";
/** Every answer that is shown has all that is below it. */
const whole =
  "$$('.log .assistant:not(.pending, [hidden]) .actions').every((row) => row.querySelector('.rate'))";

async function open(page: BrowserPage): Promise<void> {
  await page.evaluate("Chatporch.open()");
  await page.waitFor("$('.panel') && !$('.panel').hidden");
}

async function talk(page: BrowserPage, ...questions: string[]): Promise<void> {
  await open(page);
  for (const [at, question] of questions.entries()) {
    await ask(page, question);
    await page.waitFor(`$$('.log .assistant:not(.pending)').length > ${at}`);
  }
  await page.waitFor(whole);
}

const SUGGESTIONS = (count: number) =>
  `data-suggestions="${["Where is my order?", "Opening hours", "How do I send something back, and who pays for the parcel?", "Do you ship to Norway?", "Gift cards", "Donaudampfschifffahrtsgesellschaftskapitänsmütze"].slice(0, count).join(" | ")}"`;
const LOOKS = `data-title="Hearth & Grain" data-privacy-url="https://a.test/"`;

/** What is asked of the element is asked through its script. */
const element = "document.querySelector('chat-porch')";

/** What the server answers from now on, or undefined for nothing at all. */
function answering(status: number, body?: unknown, seconds = 20): string {
  const text = JSON.stringify(JSON.stringify(body ?? {}));
  const response = `new Response(${text}, { status: ${status}, headers: { "content-type": "application/json", "retry-after": "${seconds}" } })`;
  return `void (window.fetch = () => new Promise((done) => ${body === undefined ? "{}" : `done(${response})`}))`;
}

/** Comes back to a conversation whose history is this one. */
async function comeBack(page: BrowserPage, history?: unknown): Promise<void> {
  await talk(page, "Are you open?");
  await page.waitFor(ended);
  const source = answering(200, history);
  await page.cdp("Page.addScriptToEvaluateOnNewDocument", { source });
  await page.reload();
  await page.waitFor("window.Chatporch");
  await open(page);
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HISTORY = {
  messages: [
    {
      role: "user",
      content: "Are you open on Sunday?",
      status: "complete",
      createdAt: Date.now() - DAY_MS,
    },
    {
      role: "assistant",
      content: "Yes, from 8 to 12 [1]. Parcels are sent on Monday [2].",
      status: "complete",
      createdAt: Date.now() - DAY_MS,
      sources: [
        { number: 1, title: "Opening hours", heading: "Sundays", url: "https://a.test/hours" },
        {
          number: 2,
          title: "Shipping",
          heading: "When we send your parcel, and how long it takes",
        },
      ],
    },
    { role: "user", content: "And today?", status: "complete", createdAt: Date.now() },
    { role: "assistant", content: "Until 18:00.", status: "stopped", createdAt: Date.now() },
  ],
};

/** The history and the settings of a server where visitors can reach a person. */
const HISTORY_OF_PEOPLE = {
  people: { ratings: true, person: "always" },
  messages: HISTORY.messages.slice(-2).map((message) => ({ ...message, turnId: "t" })),
};
const WORDS_OF_PERSON = [
  {
    id: 3,
    turnId: "t3",
    role: "assistant",
    content: "Hello, this is Anna. I have **kept a loaf** for you.",
    status: "complete",
    createdAt: Date.now(),
    author: { kind: "owner", name: "Anna" },
  },
  { role: "user", content: "Thank you!", status: "complete", createdAt: Date.now() },
];
const OFFERED = "$('.reach:not([hidden])')";

/** The owner's budget is used up, and he has said what visitors read then. */
async function refuseNext(page: BrowserPage): Promise<void> {
  const sentence = "We answer again from tomorrow morning at 8. Our bakers are there until 18:00.";
  const body = { error: sentence, code: "budget_reached", sentence };
  await page.evaluate(answering(503, body, 30_000));
  await ask(page, "Do you have a cake for twelve people on Saturday?");
  await page.waitFor("!$('.notice').hidden");
}

export const STATES: readonly State[] = [
  { name: "closed" },
  {
    name: "first screen",
    attributes: `${LOOKS} ${SUGGESTIONS(3)} data-welcome-message="Hi! How can we help?\n\nBread, orders, opening hours: ask away."`,
    steps: open,
  },
  { name: "first screen, bare", steps: open },
  {
    name: "first screen, full",
    attributes: `${LOOKS} ${SUGGESTIONS(6)} data-subtitle="Answers at once, day and night" data-welcome-message="Welcome to the bakery. I know our bread, our shops and their opening hours, orders, parcels and vouchers, and I like questions."`,
    steps: open,
  },
  {
    name: "writing",
    attributes: LOOKS,
    steps: async (page) => {
      await open(page);
      await ask(page, "Do you write to Norway?");
      await page.waitFor("$('.pending')?.textContent.includes('four')");
    },
  },
  {
    name: "thinking",
    attributes: LOOKS,
    steps: async (page) => {
      await talk(page, "Are you open?");
      await ask(page, "Do you think?");
      await page.waitFor("$('.dots span')");
    },
  },
  {
    name: "short answers",
    attributes: LOOKS,
    steps: (page) => talk(page, "Are you open?", "And on Sunday?", "Do you ship to Norway?"),
  },
  { name: "rich answer", attributes: LOOKS, steps: (page) => talk(page, "Show me a table?") },
  {
    name: "failed",
    attributes: LOOKS,
    steps: (page) => talk(page, "Are you open?", "Please fail?"),
  },
  {
    name: "broken off",
    attributes: LOOKS,
    steps: (page) => talk(page, "A broken table?"),
  },
  {
    name: "menu",
    attributes: LOOKS,
    steps: async (page) => {
      await talk(page, "Are you open?");
      await page.waitFor(ended);
      await page.evaluate("$('.menu .tool').click()");
    },
  },
  { name: "loading", attributes: LOOKS, steps: (page) => comeBack(page) },
  {
    name: "history, sources",
    attributes: LOOKS,
    steps: async (page) => {
      await comeBack(page, HISTORY);
      await page.waitFor("$('.log .sources')");
    },
  },
  {
    name: "rate limit",
    attributes: LOOKS,
    steps: async (page) => {
      await talk(page, "Are you open?");
      await page.evaluate(answering(429, { error: { code: "rate_limited", message: "Wait." } }));
      await ask(page, "And now?");
      await page.waitFor("!$('.notice').hidden");
    },
  },
  {
    name: "budget reached",
    attributes: LOOKS,
    steps: async (page) => {
      await talk(page, "Are you open?");
      await refuseNext(page);
    },
  },
  {
    name: "budget reached, person",
    attributes: LOOKS,
    steps: async (page) => {
      await comeBack(page, HISTORY_OF_PEOPLE);
      await page.waitFor(OFFERED);
      await refuseNext(page);
      await page.waitFor("$('.ask')");
    },
  },
  {
    name: "enlarged",
    attributes: LOOKS,
    steps: async (page) => {
      await talk(page, "Show me a table?");
      await page.evaluate("$('.sizer').click()");
    },
  },
  {
    name: "unread",
    attributes: LOOKS,
    steps: async (page) => {
      await open(page);
      // Before the answer comes.
      await page.evaluate("void (Chatporch.send('Are you open?'), Chatporch.close())");
      await page.waitFor("$('.launcher').dataset.unread === '1' && $('.words')");
    },
  },
  {
    name: "offline",
    attributes: LOOKS,
    steps: async (page) => {
      await talk(page, "Are you open?");
      await page.setOffline(true);
      await page.waitFor("!$('.notice').hidden");
    },
  },
  {
    name: "rated down",
    attributes: LOOKS,
    steps: async (page) => {
      await talk(page, "Are you open?", "Do you ship to Norway?");
      await page.evaluate("$$('.rate.down').at(-1).click()");
      await page.waitFor("$('.why')");
    },
  },
  {
    name: "person offered",
    attributes: LOOKS,
    steps: (page) => comeBack(page, HISTORY_OF_PEOPLE).then(() => page.waitFor(OFFERED)),
  },
  {
    name: "person wanted",
    attributes: LOOKS,
    steps: async (page) => {
      await comeBack(page, HISTORY_OF_PEOPLE);
      await page.waitFor(OFFERED);
      await page.evaluate("$('.reach').click()");
      await page.fill("#contact", "anna at example.com");
      await page.evaluate("$('.ask .do').click()");
      await page.waitFor("$('.ask .problem:not(:empty)')");
    },
  },
  {
    name: "person asked",
    attributes: LOOKS,
    steps: async (page) => {
      const request = {
        isOpen: true,
        contact: "a…@example.com",
        isOpenNow: false,
        opensAt: Date.UTC(2027, 0, 4, 8),
      };
      const hours = "Mo-Fr 09:00-17:00; Fr 09:00-14:00 Europe/Berlin";
      await comeBack(page, { ...HISTORY_OF_PEOPLE, person: { isHere: false, request, hours } });
      await page.waitFor("$('.asked:not([hidden])')");
    },
  },
  {
    name: "person here",
    attributes: LOOKS,
    steps: async (page) => {
      const messages = [...HISTORY_OF_PEOPLE.messages, ...WORDS_OF_PERSON];
      const person = { isHere: true, name: "Anna" };
      await comeBack(page, { ...HISTORY_OF_PEOPLE, messages, person });
      await page.waitFor("$('.here:not([hidden])')");
    },
  },
  {
    name: "inline",
    mode: "inline",
    attributes: `heading="Hearth & Grain" suggestions="Opening hours | Do you ship to Norway?"`,
  },
  {
    name: "page",
    mode: "page",
    attributes: `heading="Hearth & Grain" suggestions="Opening hours | Do you ship to Norway?"`,
  },
  {
    name: "page, answer",
    mode: "page",
    attributes: `heading="Hearth & Grain"`,
    steps: async (page) => {
      await page.evaluate(`${element}.send("Show me a table?")`);
      await page.waitFor(`${ended} && ${whole}`);
    },
  },
];
