import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runBinary, startBinary } from "../../harness/binary.ts";
import { KEYS } from "../../harness/chat-requests.ts";
import { runCampaign, UNLIMITED } from "../../harness/faults/campaign.ts";
import { Ledger } from "../../harness/faults/ledger.ts";
import { answerLoad, startLoad } from "../../harness/faults/load.ts";
import { chooseSeed, createRandom } from "../../harness/faults/random.ts";
import { audit } from "../../harness/faults/stored.ts";
import { startModelServer } from "../../harness/model-server.ts";
import { cleanUp, temporaryFolder } from "../../harness/process.ts";

setDefaultTimeout(120_000);

/** Every fifth round ends with SIGTERM. `bun run faults --minutes N` runs more rounds. */
const ROUNDS = 18;

afterEach(cleanUp);

test("nothing that was acknowledged is lost, whenever the process is killed", async () => {
  const seed = chooseSeed();
  const { losses, ...tally } = await runCampaign({ rounds: ROUNDS, random: createRandom(seed) });
  console.log(`faults: seed ${seed}, ${JSON.stringify(tally)}, ${losses.length} losses`);
  expect(losses).toEqual([]);
  // With fewer answers the rounds would show nothing.
  expect(tally.answers).toBeGreaterThan(ROUNDS);
  expect(tally.cut).toBeGreaterThan(ROUNDS);
  expect(tally.notices).toBeGreaterThan(ROUNDS);
});

test("a second process on the file or port of a server under load is refused, and disturbs no answer", async () => {
  const model = startModelServer(answerLoad);
  const settings = { ...KEYS, ...UNLIMITED, OPENAI_BASE_URL: model.url };
  const ledger = new Ledger();
  const server = await startBinary(settings);
  const load = startLoad(server.url, ledger, 0);
  await ledger.events(50);

  const sameFile = await runBinary([], { ...settings, PORT: "0" }, server.folder);
  expect(sameFile.exitCode).toBe(1);
  expect(sameFile.stderr).toMatch(/^chatporch: Another chatporch is using .*\n$/);
  const { port } = new URL(server.url);
  const samePort = await runBinary([], { ...settings, PORT: port });
  expect(samePort.exitCode).toBe(1);
  expect(samePort.stderr).toMatch(new RegExp(`^chatporch: Cannot listen on .*port ${port}.*\n$`));

  await ledger.events(50);
  await load.stop();
  expect(ledger.turns.filter(({ done }) => done === undefined)).toEqual([]);
  expect(await audit(server, ledger)).toEqual([]);
  await model.stop();
});

test("the binary sets the variables that Bun reads only at its start, and keeps those that the owner has set", async () => {
  const environOf = ({ pid }: { pid: number }) =>
    readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  if (!existsSync("/proc/self/environ")) {
    console.log("faults: skipped, the environment of the binary: there is no /proc here");
    return;
  }
  const itself = environOf(await startBinary());
  expect(itself).toContain("BUN_CONFIG_MAX_HTTP_REQUESTS=65535");
  expect(itself).toContain("BUN_JSC_numberOfGCMarkers=1");
  const environment = environOf(await startBinary({ BUN_JSC_numberOfGCMarkers: "2" }));
  expect(environment).toContain("BUN_CONFIG_MAX_HTTP_REQUESTS=65535");
  expect(environment).toContain("BUN_JSC_numberOfGCMarkers=2");
});

test("the binary runs no code from the folder that it is started in", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./other.ts"]\n');
  writeFileSync(join(folder, "other.ts"), 'console.error("other code");\n');
  const { exitCode, stderr } = await runBinary(["--version"], {}, folder);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const server = await startBinary({}, folder);
  expect(server.stderr.text()).not.toContain("other code");
});
