import { describe, expect, test } from "bun:test";

import { type Finding, Report } from "../../src/doctor/report.ts";

const OK: Finding = { mark: "ok", subject: "disk", says: "90 GB free" };
const WARNING: Finding = {
  mark: "warning",
  subject: "model",
  says: "is a demo",
  mend: "Set a key.",
};
const WRONG: Finding = { mark: "wrong", subject: "proxy", says: "buffers", mend: "One.\nTwo." };

function createReport(isTerminal = false) {
  const written: string[] = [];
  const report = new Report({ write: (text) => written.push(text), isTerminal });
  return { report, written };
}

describe("the report", () => {
  test("is a line a finding, with what to do under it", () => {
    const { report, written } = createReport();
    report.add([OK, WARNING]);
    report.add(WRONG);
    report.end();
    expect(written.join("")).toBe(
      "✓ disk         90 GB free\n" +
        "! model        is a demo\n    → Set a key.\n" +
        "✗ proxy        buffers\n    → One.\n      Two.\n" +
        "\n1 wrong, 1 to look at.\n",
    );
  });

  test("is content with warnings, and not with anything wrong", () => {
    const { report } = createReport();
    report.add([OK, WARNING]);
    expect(report.isContent).toBe(true);
    report.add(WRONG);
    expect(report.isContent).toBe(false);
  });

  test("says when there is nothing to say", () => {
    const { report, written } = createReport();
    report.add(OK);
    report.end();
    expect(written.at(-1)).toBe("\nAll is well.\n");
  });

  test("tells a terminal what it waits for, and takes that back", async () => {
    const { report, written } = createReport(true);
    await report.waitFor("asking the model", async () => {
      expect(written).toEqual(["… asking the model"]);
      return OK;
    });
    expect(written.slice(1)).toEqual(["\r\u001b[K", "✓ disk         90 GB free\n"]);
  });

  test("takes it back also when the check fails", async () => {
    const { report, written } = createReport(true);
    const failing = report.waitFor("asking", async () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(written.at(-1)).toBe("\r\u001b[K");
  });

  test("tells a file nothing of it", async () => {
    const { report, written } = createReport();
    await report.waitFor("asking the model", async () => [OK]);
    expect(written).toEqual(["✓ disk         90 GB free\n"]);
  });
});
