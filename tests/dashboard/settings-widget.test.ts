import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { OWN } from "../../src/dashboard/settings/widget-attributes.ts";
import { isLight, widgetPreview } from "../../src/dashboard/settings/widget-preview.ts";
import { readableOn } from "../../src/widget/colour.ts";
import { EN } from "../../src/widget/panel/languages/en.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const PATH = "/dashboard/settings/widget";
const TEXTS = {
  action: "save",
  WIDGET_TITLE: "ask <us>",
  WIDGET_SUBTITLE: "At <once>",
  WIDGET_GREETING: "Hello!\r\nWhat can we do?",
  WIDGET_SUGGESTIONS: "Prices | Opening hours",
  WIDGET_COLOR: "#0F766E",
  WIDGET_PRIVACY_URL: "https://shop.example/privacy",
};

let app: TestApp;
let browser: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp({ env: { WIDGET_LOGO: "https://shop.example/logo.svg" } });
  browser = await openDashboard(app);
});
afterEach(() => app.close());

function send(fields: Record<string, string>) {
  return browser.post(PATH, { formToken: browser.formToken, ...fields });
}

function drawing(page: string): string {
  return /<figure class="widget-preview">[^]*<\/figure>/.exec(page)?.[0] ?? "";
}

describe("the widget's texts and looks", () => {
  test("are in force at once, are in the form, and are drawn", async () => {
    expect((await send(TEXTS)).headers.get("location")).toBe(`${PATH}?done=saved`);
    const shown: unknown = await (await app.fetch("/widget/settings.json")).json();
    expect(shown).toMatchObject({ title: "ask <us>", color: "#0f766e" });
    const page = (await browser.get(PATH)).body;
    expect(page).toContain('value="ask &lt;us&gt;"');
    expect(page).toContain("Fixed by <code>WIDGET_LOGO</code> in the environment.");
    expect(page).toContain("your logo takes the place of the letter");
    for (const text of [
      ">A</span>",
      "At &lt;once&gt;",
      "ask &lt;us&gt;",
      "What can we do?",
      ">Opening hours<",
      'fill="#0f766e"',
    ]) {
      expect(drawing(page)).toContain(text);
    }
  });

  test("are drawn before they are saved, and only drawn", async () => {
    const answer = await send({ ...TEXTS, show: "1" });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("Nothing is saved yet.");
    expect(drawing(answer.body)).toContain("ask &lt;us&gt;");
    expect(answer.body).toContain('value="Prices | Opening hours"');
    expect(app.config.widget.title).toBeUndefined();
    expect(await app.settings.audit(10)).toEqual([]);
  });

  test.each(["save", "show"])("stay as they were when one of them is wrong: %s", async (button) => {
    const wrong = { WIDGET_COLOR: "teal", WIDGET_PRIVACY_URL: "javascript:alert(1)" };
    const answer = await send({ ...TEXTS, ...wrong, [button]: "1" });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('id="problem-WIDGET_COLOR" role="alert">This must be a colour');
    expect(answer.body).toContain('id="problem-WIDGET_PRIVACY_URL" role="alert">This must be');
    expect(answer.body).toContain('value="ask &lt;us&gt;"');
    expect(drawing(answer.body)).not.toContain("ask");
    expect(app.config.widget.title).toBeUndefined();
  });

  test("of somebody else meanwhile are not lost", async () => {
    const version = String(app.settings.version);
    await app.settings.change({ WIDGET_TITLE: "Ask me" }, { by: "another browser" });
    const answer = await send({ ...TEXTS, version });
    expect(answer.status).toBe(409);
    expect(answer.body).toContain("Somebody else has changed this");
    expect(app.config.widget.title).toBe("Ask me");
  });
});

describe("the drawing", () => {
  test("says what the widget says by itself", () => {
    const { title, assistant: subtitle, welcome: greeting, placeholder, notice, privacy } = EN;
    expect(OWN).toMatchObject({ title, subtitle, greeting, placeholder, notice, privacy });
  });

  test("has no line on the AI where the owner has taken it away", () => {
    expect(`${widgetPreview({ ...app.config.widget, notice: "off" })}`).not.toContain("off");
    expect(`${widgetPreview(app.config.widget)}`).toContain(OWN.notice);
  });

  test.each([
    ["#fff", [1, 1, 1]],
    ["#fc0", [1, 0.8, 0]],
    ["#0F766E", [15 / 255, 118 / 255, 110 / 255]],
    ["#000000", [0, 0, 0]],
    ["#767676", [118 / 255, 118 / 255, 118 / 255]],
    ["#777777", [119 / 255, 119 / 255, 119 / 255]],
  ] as const)(
    "has text on the owner's colour in the colour that the widget takes: %s",
    (hex, rgb) => {
      expect(isLight(hex)).toBe(readableOn(rgb)[0] === 0);
    },
  );
});
