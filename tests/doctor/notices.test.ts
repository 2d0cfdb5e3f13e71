import { describe, expect, test } from "bun:test";

import type { NoticeChannel } from "../../src/conversation/notice-kinds.ts";
import { checkNotices } from "../../src/doctor/notices.ts";
import { DeliveryError } from "../../src/notices/channel.ts";
import { noticeSettings } from "../support/notices.ts";

const NTFY = { NTFY_URL: "https://ntfy.sh/shop" };
const WEBHOOK = { WEBHOOK_URL: "https://shop.example/hook" };

describe("the doctor and the notices", () => {
  test("looks at no channel that is not set up", async () => {
    const looked: NoticeChannel[] = [];
    const probe = async (name: NoticeChannel) => {
      looked.push(name);
      return `${name} answers`;
    };
    expect(await checkNotices({ notices: noticeSettings({}) }, probe)).toEqual([]);
    const found = await checkNotices({ notices: noticeSettings(NTFY) }, probe);
    expect(found).toEqual([{ mark: "ok", subject: "ntfy", says: "ntfy answers" }]);
    expect(looked).toEqual(["ntfy"]);
  });

  test("says what is wrong with each, in the receiver's own words without control characters", async () => {
    const says = "wrong \u001b[31mtoken";
    const found = await checkNotices(
      { notices: noticeSettings({ ...NTFY, ...WEBHOOK }) },
      async (name) => {
        if (name === "webhook") throw new Error("a secret of the inside");
        throw new DeliveryError("ntfy refuses it.", { kind: "refused", says });
      },
    );
    expect(found.map(({ mark, subject }) => `${mark} ${subject}`)).toEqual([
      "wrong webhook",
      "wrong ntfy",
    ]);
    expect(found[0]?.says).toBe("The notice could not be sent.");
    expect(found[1]?.says).toContain("ntfy refuses it. It says: “wrong ");
    expect(JSON.stringify(found)).not.toMatch(/\\u001b|inside/);
  });
});
