import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { reply, STATES } from "../pictures/states.ts";
import { outline } from "../support/accessibility.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** Every state of the widget, as assistive technology gets it. */

const NAME = "Hearth & Grain";
const YOU = "heading: You [level=3]";
const ASSISTANT = `heading: ${NAME} [level=3]`;
const TIME = "time: TIME";
const THUMBS = ["button: Helpful [pressed=false]", "button: Not helpful [pressed=false]"];
const EARLIER = [YOU, ASSISTANT, "button: Copy", ...THUMBS, TIME];
const LAST = [YOU, ASSISTANT, "button: Copy", ...THUMBS, "button: Ask again", TIME];
const RICH = [
  "link: shipping",
  "group: Table",
  "table",
  "row",
  ...["Country", "Days", "Price"].map((name) => `columnheader: ${name}`),
  "row",
  ...["Norway", "4–6", "12.90 €"].map((name) => `cell: ${name}`),
  "row",
  ...["Portugal", "3–5", "9.90 €"].map((name) => `cell: ${name}`),
  "list",
  "listitem [level=1]",
  "listitem [level=1]",
  "list",
  "listitem [level=2]",
  "listitem [level=2]",
  "blockquote",
  "button: Wrap lines [pressed=false]",
  "button: Copy",
  "group: js",
  "code",
];
const BELOW = ["button: Copy", ...THUMBS, "button: Ask again", TIME];
const RICH_ANSWER = [YOU, ASSISTANT, ...RICH, ...BELOW];

interface Parts {
  readonly name?: string;
  readonly subtitle?: string;
  /** Of the head. */
  readonly buttons?: readonly string[];
  /** From the greeting to what is said. */
  readonly messages?: readonly string[];
  /** What the notice says, after its button. */
  readonly notice?: readonly string[];
  readonly input?: "Send [disabled]" | "Stop";
  readonly hasPrivacy?: boolean;
}

/** The panel in the order in which it is read and reached with Tab. */
function panel(parts: Parts, role = "dialog"): string[] {
  const { name = NAME, subtitle = "AI assistant", messages = [], notice = [] } = parts;
  return [
    `${role}: ${name}: ${subtitle}`,
    `heading: ${name} [level=2]`,
    ...(parts.buttons ?? ["More", "Enlarge", "Close"]).map((button) => `button: ${button}`),
    `group: ${name}`,
    `heading: ${name} [level=3]`,
    ...messages,
    ...notice,
    "form",
    "textbox: Write a message…: An AI answers and can be wrong.",
    `button: ${parts.input ?? "Send [disabled]"}`,
    ...(parts.hasPrivacy === false ? [] : ["link: Privacy"]),
  ];
}

/** The launcher with the panel that it has opened. */
const open = (parts: Parts) => ["group", ...panel(parts), "button: Close chat [expanded]"];
/** The chat as a part of the page. */
const within = (parts: Parts) => [...panel({ buttons: [], hasPrivacy: false, ...parts }, "region")];

const SUGGESTIONS = ["button: Opening hours", "button: Do you ship to Norway?"];
const DOWN = "status: The assistant cannot be reached right now.";
const NO_BUDGET =
  "status: We answer again from tomorrow morning at 8. Our bakers are there until 18:00.";

/** The form that asks for a person. */
const requestForm = (contact: string, note = "What is it about? (optional)") => [
  "form: Talk to a person",
  "LabelText",
  contact,
  "alert",
  "LabelText",
  `textbox: ${note}`,
  "link: Privacy",
  "alert",
  "button: Cancel",
  "button: Send",
];

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  closed: ["group", "button: Chat"],
  "first screen": open({
    messages: [
      "button: Where is my order?",
      "button: Opening hours",
      "button: How do I send something back, and who pays for the parcel?",
    ],
  }),
  "first screen, bare": open({ name: "Chat", buttons: ["Enlarge", "Close"], hasPrivacy: false }),
  writing: open({ messages: [YOU, ASSISTANT], input: "Stop" }),
  thinking: open({ messages: [...EARLIER, YOU, ASSISTANT], input: "Stop" }),
  "short answers": open({ messages: [...EARLIER, ...EARLIER, ...LAST] }),
  "rich answer": open({ messages: RICH_ANSWER }),
  failed: open({ messages: [...EARLIER, YOU], notice: ["button: Try again", DOWN] }),
  loading: open({}),
  "history, sources": open({
    messages: [
      YOU,
      ASSISTANT,
      "link: Source 1: Opening hours › Sundays",
      "image: Source 2: Shipping › When we send your parcel, and how long it takes",
      "list",
      "listitem [level=1]",
      "link: Opening hours › Sundays",
      "listitem [level=1]",
      "button: Copy",
      TIME,
      // This server is older than ratings.
      ...LAST.filter((line) => !THUMBS.includes(line)),
    ],
  }),
  "rated down": open({
    messages: [
      ...EARLIER,
      YOU,
      ASSISTANT,
      "button: Copy",
      "button: Helpful [pressed=false]",
      "button: Not helpful [pressed=true]",
      "button: Ask again",
      TIME,
      "form: What was wrong?",
      "button: Close",
      "button: Wrong [pressed=false]",
      "button: Incomplete [pressed=false]",
      "button: Off topic [pressed=false]",
      "button: Something else [pressed=false]",
      "textbox: Tell us more (optional)",
      "button: Send",
      "alert",
    ],
  }),
  "person offered": open({ messages: [...LAST, "button: Talk to a person"] }),
  "person wanted": open({
    messages: [
      ...LAST,
      ...requestForm(
        "textbox: E-mail or phone number: This is neither an e-mail address nor a phone number.",
      ),
    ],
  }),
  "person here": open({
    subtitle: "Anna is here.",
    messages: [...EARLIER, "heading: Anna [level=3]", "button: Copy", TIME, YOU],
  }),
  "budget reached": open({
    messages: [...EARLIER, YOU],
    notice: ["button: Try again", NO_BUDGET],
  }),
  "budget reached, person": open({
    messages: [
      ...EARLIER,
      YOU,
      ...requestForm(
        "textbox: E-mail or phone number",
        "What is it about? (optional): Your question is sent along.",
      ),
    ],
    notice: ["button: Try again", NO_BUDGET],
  }),
  enlarged: open({ buttons: ["More", "Reduce", "Close"], messages: RICH_ANSWER }),
  unread: ["group", "button: Yes.", "button: Dismiss", `button: Open chat: ${NAME} (1 new)`],
  offline: open({ messages: LAST, notice: ["status: You are offline"] }),
  inline: within({ messages: SUGGESTIONS }),
  page: within({ messages: SUGGESTIONS }),
  "page, answer": within({ buttons: ["More"], messages: RICH_ANSWER }),
};

let website: Website;
let model: ModelServer;
let app: TestApp;
let base: string;

beforeEach(() => {
  website = startWebsite();
  model = startModelServer(reply);
  app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
  base = app.listen();
});
afterEach(async () => {
  closePages();
  await app.close();
  await model.stop();
  await website.stop();
});

async function visit(state: (typeof STATES)[number]): Promise<BrowserPage> {
  const { mode, attributes = "", steps } = state;
  website.show(
    mode === undefined
      ? widgetTag(base, attributes)
      : `<script type="module" src="${base}${widgetFiles.element.path}"></script><chat-porch api-key="${WIDGET_KEY}" mode="${mode}" ${attributes}></chat-porch>`,
  );
  // What comes with a movement has less contrast meanwhile.
  const page = await openPage({ width: 1280, height: 800, reducedMotion: true });
  await page.goto(website.origin);
  await page.waitFor(mode ? "$('.panel textarea')" : "window.Chatporch");
  await steps?.(page);
  return page;
}

/** What axe finds in both colour schemes, targets of less than 24 pixels included. */
async function violations(page: BrowserPage): Promise<string[]> {
  const axe = await Bun.file(require.resolve("axe-core/axe.min.js")).text();
  await page.cdp("Runtime.evaluate", { expression: axe });
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.prefer({ colorScheme, reducedMotion: true });
    const here = await page.evaluate<string[]>(
      "axe.run('chatporch-widget, chat-porch', { rules: { 'target-size': { enabled: true } } }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join()))",
    );
    found.push(...here.map((each) => `${colorScheme}: ${each}`));
  }
  return found;
}

const ACCENTS =
  "white black #eee silver gray #333 red maroon orange gold yellow #8f8 lime green #0f766e teal aqua deepskyblue blue navy rebeccapurple fuchsia";

/** Each text that can be read, whose colour differs too little from what it stands on (WCAG 2.2, success criterion 1.4.3). */
const TOO_FAINT = `(() => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const pixel = (...colours) => {
    context.reset();
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const grounds = (node) => node ? [...grounds(node.parentElement ?? node.getRootNode().host), getComputedStyle(node).backgroundColor] : ["white"];
  return $$("*").filter((node) => node.getRootNode() !== document && node.checkVisibility() && !node.closest(":disabled, .sr")
    && (node.placeholder || [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())))
    .flatMap((node) => {
      const ground = grounds(node);
      const colour = getComputedStyle(node, node.placeholder ? "::placeholder" : null).color;
      const [a, b] = [luminance(pixel(...ground)), luminance(pixel(...ground, colour))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return contrast < 4.5 ? [node.tagName + "." + node.className + ": " + contrast.toFixed(2)] : [];
    });
})()`;

describe.skipIf(!hasBrowser)("to assistive technology", () => {
  test.each(STATES.map((state) => [state.name, state] as const))(
    "the widget is whole in the state: %s",
    async (name, state) => {
      const page = await visit(state);
      const expected = EXPECTED[name];
      if (expected) expect(await outline(page)).toEqual([...expected]);
      expect(await violations(page)).toEqual([]);
    },
    20_000,
  );

  test("the menu is a list below its button, and what is behind it stays in its place", async () => {
    const state = STATES.find(({ name }) => name === "menu");
    const lines = state ? await outline(await visit(state)) : [];
    const begin = lines.indexOf("button: More [expanded]");
    const end = lines.indexOf("button: Enlarge");
    expect(lines.slice(begin, begin + 3)).toEqual([
      "button: More [expanded]",
      "menu: More",
      "menuitem: New chat",
    ]);
    expect(lines.slice(begin + 2, end).every((line) => line.startsWith("menuitem: "))).toBe(true);
    expect(lines[end - 1]).toBe("menuitem: Privacy");
  });

  test("a rate limit says once how long to wait", async () => {
    const state = STATES.find(({ name }) => name === "rate limit");
    const lines = state ? await outline(await visit(state)) : [];
    const said = lines.filter((line) => line.startsWith("status: "));
    expect(said).toEqual(["status: Too many messages: wait 20 s"]);
  });

  test("all texts can be read with any accent, in light and in dark colours", async () => {
    const state = STATES.find(({ name }) => name === "rich answer");
    const page = await visit(state ?? { name: "" });
    const found: string[] = [];
    for (const accentColor of ACCENTS.split(" ")) {
      for (const theme of ["light", "dark"]) {
        await page.evaluate(`Chatporch.set({ accentColor: "${accentColor}", theme: "${theme}" })`);
        const faint = await page.evaluate<string[]>(TOO_FAINT);
        found.push(...faint.map((each) => `${accentColor}, ${theme}: ${each}`));
      }
    }
    expect(found).toEqual([]);
  });
});
