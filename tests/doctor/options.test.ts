import { expect, test } from "bun:test";

import { readDoctorOptions } from "../../src/doctor/options.ts";

test("without arguments, the doctor checks PUBLIC_URL and tries a silence of 5 s", () => {
  expect(readDoctorOptions([])).toEqual({ url: undefined, idleSeconds: 5 });
});

test.each([
  ["https://chat.example.com"],
  ["http://127.0.0.1:4000"],
  ["https://example.com/help/chat/"],
  ["HTTPS://[2001:db8::1]:8443"],
])("--url %s is accepted as an address", (url) => {
  expect(readDoctorOptions(["--url", url, "--idle=60"])).toEqual({ url, idleSeconds: 60 });
});

test.each([
  [
    "--url chat.example.com",
    "needs https:// (or http://) before the name",
    "--url https://chat.example.com",
  ],
  ["--url localhost:4000", "needs https:// (or http://)", "--url https://localhost:4000"],
  ["--url //chat.example.com", "needs https:// (or http://)", "--url https://chat.example.com"],
  ["--url https:chat.example.com", "needs https:// (or http://)", "--url https://chat.example.com"],
  ["--url ftp://example.com", "takes an https or http address", "--url https://chat.example.com"],
  ["--url https://", "not an address with a host name", "--url https://chat.example.com"],
  [
    "--url https://exa<mple.com",
    "not an address with a host name",
    "--url https://chat.example.com",
  ],
  [
    "--url https://me:secret@example.com",
    "must not have a user name or password",
    "--url https://example.com",
  ],
  ["--url https://example.com/?a=b", "must not have a query", "--url https://example.com/"],
  [
    "--url https://example.com/chat#top",
    "must not have a query or fragment",
    "--url https://example.com/chat",
  ],
  ["--url=", "needs https:// (or http://)", "--url https://chat.example.com"],
  ["--url", "--url", ""],
  ["--url https://a.example --url https://b.example", "--url is given more than once", ""],
  ["--idle x", "--idle takes a whole number of seconds from 0 to 240", "--idle 60"],
  ["--idle 241", "from 0 to 240", "--idle 60"],
  ["--idle=-1", "from 0 to 240", "--idle 60"],
  ["--idle 1 --idle 2", "--idle is given more than once", ""],
  ["--idel 5", "--idel", ""],
  ["now", "now", ""],
])("%s is refused, and the message says what is missing", (words, problem, example) => {
  const read = () => readDoctorOptions(words.split(" "));
  expect(read).toThrow(problem);
  expect(read).toThrow(example);
  expect(read).not.toThrow("secret");
});
