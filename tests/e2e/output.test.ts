import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { cleanUp, runChatporch, startChatporch, temporaryFolder } from "../../harness/process.ts";

setDefaultTimeout(30_000);

afterEach(cleanUp);

/** Runs the command with an output that nobody reads any more, as behind a `head` that has ended. */
const INTO_CLOSED_PIPE = ["bash", "-c", 'exec 3> >(true); wait $!; exec "$0" "$@" >&3'];
const INTO_FULL_DISK = ["bash", "-c", 'exec "$0" "$@" >/dev/full'];
const INTO_HEAD = ["bash", "-c", '"$0" "$@" | head -c 20; exit "${PIPESTATUS[0]}"'];

describe("a reader that closes the output early causes no error:", () => {
  test.each([["openapi"], ["--help"], ["--version"]])("%s", async (command) => {
    const { exitCode, stderr } = await runChatporch([command], {}, undefined, INTO_CLOSED_PIPE);
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  test("openapi | head", async () => {
    const { exitCode, stdout, stderr } = await runChatporch(["openapi"], {}, undefined, INTO_HEAD);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toHaveLength(20);
  });

  test("doctor, whose exit code still says what it found", async () => {
    const { exitCode, stderr } = await runChatporch(["doctor"], {}, undefined, INTO_CLOSED_PIPE);
    expect([exitCode, stderr]).toEqual([1, ""]);
  });

  test("backup, which still writes the copy", async () => {
    const folder = temporaryFolder();
    const server = await startChatporch({}, folder);
    const args = ["backup", "copy.db"];
    const { exitCode, stderr } = await runChatporch(args, {}, folder, INTO_CLOSED_PIPE);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(await Bun.file(`${folder}/copy.db`).exists()).toBe(true);
    await server.stop();
  });
});

test("an output that cannot be written ends the command with an error that says so", async () => {
  for (const command of ["openapi", "--help", "doctor"]) {
    const { exitCode, stderr } = await runChatporch([command], {}, undefined, INTO_FULL_DISK);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^chatporch: .*no space left on device/);
    expect(stderr).not.toContain("    at ");
  }
});
