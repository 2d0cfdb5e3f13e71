import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { hasDeployTool, runDeployTool } from "../support/deploy-tools.ts";

/** deploy/install.sh, with a release in a folder whose binary is a short script. */

const ROOT = resolve(import.meta.dir, "../..");
const SCRIPT = join(ROOT, "deploy/install.sh");
const SYSTEM = `${process.platform}_${process.arch}`;
const ARCHIVE = `chatporch_9.9.9_${SYSTEM}.tar.gz`;

let release: string;
let target: string;

beforeEach(() => {
  release = makeRelease();
  target = temporaryFolder();
});
afterEach(cleanUp);

function makeRelease(program = "#!/bin/sh\necho 9.9.9\n"): string {
  const folder = temporaryFolder();
  const inside = join(temporaryFolder(), "chatporch_9.9.9");
  mkdirSync(inside);
  writeFileSync(join(inside, "chatporch"), program, { mode: 0o755 });
  cpSync(join(ROOT, "deploy"), join(inside, "deploy"), { recursive: true });
  run(["tar", "-czf", join(folder, ARCHIVE), "-C", resolve(inside, ".."), "chatporch_9.9.9"]);
  const hash = new Bun.CryptoHasher("sha256").update(readFileSync(join(folder, ARCHIVE)));
  writeFileSync(join(folder, "checksums.txt"), `${hash.digest("hex")}  ${ARCHIVE}\n`);
  return folder;
}

function run(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

const install = (...options: readonly string[]) => run(["sh", SCRIPT, ...options]);
const installBinary = (from: string) => install("--from", from, "--binary-only", "--to", target);

describe.if(hasDeployTool("shellcheck"))("shellcheck", () => {
  test("finds nothing to say about the install script", () => {
    expect(runDeployTool("shellcheck", [SCRIPT])).toEqual({ exitCode: 0, said: "" });
  });
});

describe("the install script", () => {
  test("installs a binary whose checksum is right, and says what comes next", () => {
    const { exitCode, stdout } = installBinary(release);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`chatporch 9.9.9 is in ${target}`);
    expect(stdout).toContain("Next:");
    expect(readdirSync(target)).toEqual(["chatporch"]);
    expect(run([join(target, "chatporch")]).stdout).toBe("9.9.9\n");
  });

  test("installs nothing when the archive is not what the checksum says", () => {
    appendFileSync(join(release, ARCHIVE), "x");
    const { exitCode, stderr } = installBinary(release);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${ARCHIVE} is not what checksums.txt says`);
    expect(readdirSync(target)).toEqual([]);
  });

  test("leaves the binary that is there when the new one does not run on this system", () => {
    writeFileSync(join(target, "chatporch"), "the one before");
    const { exitCode, stderr } = installBinary(makeRelease("#!/bin/sh\nexit 132\n"));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot run the binary");
    expect(readFileSync(join(target, "chatporch"), "utf8")).toBe("the one before");
    expect(readdirSync(target)).toEqual(["chatporch"]);
  });

  test("downloads a release from a web server", async () => {
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) => new Response(Bun.file(join(release, new URL(url).pathname))),
    });
    const child = Bun.spawn(
      ["sh", SCRIPT, "--from", server.url.origin, "--binary-only", "--to", target],
      { stdout: "ignore" },
    );
    expect(await child.exited).toBe(0);
    expect(readdirSync(target)).toEqual(["chatporch"]);
  });

  test.each([
    ["an unknown option", ["--fro", "x"], "there is no option --fro"],
    ["no release", ["--binary-only"], "say where the release is"],
    ["an option without its value", ["--from"], "--from needs a value"],
    ["a folder without a release", ["--from", "/nonexistent", "--binary-only"], "has no checksums"],
  ])("says in a sentence what is wrong with %s", (_what, options, sentence) => {
    const { exitCode, stderr } = install("--to", target, ...options);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(sentence);
    expect(readdirSync(target)).toEqual([]);
  });

  test("says so when a release has no archive for this system", () => {
    writeFileSync(
      join(release, "checksums.txt"),
      `${"0".repeat(64)}  chatporch_9.9.9_beos.tar.gz\n`,
    );
    expect(installBinary(release).stderr).toContain("has no archive for");
  });
});

/** Stands in for programs that would change this machine, and writes down how they are called. */
function makeStandIns(): { readonly path: string; readonly calls: () => string[] } {
  const path = temporaryFolder();
  const log = join(path, "calls");
  const programs: Readonly<Record<string, string>> = {
    useradd: "",
    systemctl: '[ "$1" != is-active ]',
    // Root; and nobody is called chatporch.
    id: '[ "$1" = -u ] && echo 0',
    install: 'mkdir -p "$(eval echo \\${$#})"',
  };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\necho "${name} $*" >>${log}\n${body}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return { path, calls: () => readFileSync(log, "utf8").trim().split("\n") };
}

describe.if(process.platform === "linux")("the install script, as root on Linux", () => {
  test("makes the user, the folder and the units, and starts nothing", () => {
    const { path, calls } = makeStandIns();
    mkdirSync(join(target, "usr/local/bin"), { recursive: true });
    mkdirSync(join(target, "etc/systemd/system"), { recursive: true });
    const env = { PATH: `${path}:${process.env.PATH}`, DESTDIR: target };
    const first = run(["sh", SCRIPT, "--from", release], env);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain("systemctl enable --now chatporch");
    expect(calls().filter((call) => !call.startsWith("id "))).toEqual([
      "useradd --system --user-group --home-dir /var/lib/chatporch --shell /usr/sbin/nologin chatporch",
      `install -d -m 700 -o chatporch -g chatporch ${target}/var/lib/chatporch`,
      "systemctl daemon-reload",
      "systemctl is-active --quiet chatporch",
    ]);
    expect(existsSync(join(target, "usr/local/bin/chatporch"))).toBe(true);
    const units = join(target, "etc/systemd/system");
    for (const unit of [
      "chatporch.service",
      "chatporch-backup.service",
      "chatporch-backup.timer",
    ]) {
      const text = readFileSync(join(units, unit), "utf8");
      expect(text).toBe(readFileSync(join(ROOT, "deploy", unit), "utf8"));
    }
  });
});
