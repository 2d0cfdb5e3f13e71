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

describe("the doctor's report", () => {
  test("has a line for each finding, with what to do under it", () => {
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

  test("succeeds with warnings, and fails with anything wrong", () => {
    const { report } = createReport();
    report.add([OK, WARNING]);
    expect(report.isContent).toBe(true);
    report.add(WRONG);
    expect(report.isContent).toBe(false);
  });

  test("says so when there is nothing to report", () => {
    const { report, written } = createReport();
    report.add(OK);
    report.end();
    expect(written.at(-1)).toBe("\nAll is well.\n");
  });

  test("shows on a terminal what it waits for, and then removes that", async () => {
    const { report, written } = createReport(true);
    await report.waitFor("model", "asking the model", async () => {
      expect(written).toEqual(["… asking the model"]);
      return OK;
    });
    expect(written.slice(1)).toEqual(["\r\u001b[K", "✓ disk         90 GB free\n"]);
  });

  test("has a finding for a check that fails, and goes on with the others", async () => {
    const { report, written } = createReport(true);
    await report.waitFor("model", "asking", async () => Promise.reject(new Error("no")));
    expect(written.at(-2)).toBe("\r\u001b[K");
    expect(written.at(-1)).toBe("✗ model        could not be checked: no\n");
    expect(report.isContent).toBe(false);
  });

  test("shows only once what two checks find alike", () => {
    const { report, written } = createReport();
    report.add([WARNING, WARNING]);
    report.end();
    expect(written.at(-1)).toBe("\n0 wrong, 1 to look at.\n");
  });

  test("sends no control character and no change of text direction to the terminal, whoever wrote it", () => {
    const { report, written } = createReport();
    const says = "a\u001b[2Jb\u009b31mc\u202ed\u2028e\rf\ng\u0007h\u200bi\u{e0041}j";
    report.add({ mark: "ok", subject: "server", says, mend: "one\n\u001b]0;two\u0085" });
    expect(written.join("")).toBe(
      "✓ server       a\\u{1b}[2Jb\\u{9b}31mc\\u{202e}d\\u{2028}e\\u{d}f\\u{a}g\\u{7}h\\u{200b}i\\u{e0041}j\n" +
        "    → one\n      \\u{1b}]0;two\\u{85}\n",
    );
  });

  test("cuts a finding that is too long", () => {
    const { report, written } = createReport();
    report.add({ ...OK, says: "x".repeat(100_000) });
    expect(written.join("").length).toBeLessThan(600);
  });

  test("does not write to a file what it waits for", async () => {
    const { report, written } = createReport();
    await report.waitFor("model", "asking the model", async () => [OK]);
    expect(written).toEqual(["✓ disk         90 GB free\n"]);
  });
});
