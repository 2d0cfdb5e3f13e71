import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Programs that check the files of a release. */

const MODULES = resolve(import.meta.dir, "../deploy/tools/node_modules");
const INSTALL_MODULES = "bun install --cwd tests/deploy/tools";

const HOW_TO_INSTALL = {
  promtool: "apt-get install prometheus",
  shellcheck: "apt-get install shellcheck",
  "systemd-analyze": "apt-get install systemd",
  dclint: INSTALL_MODULES,
  "workflow-parser": INSTALL_MODULES,
} as const;

type Tool = keyof typeof HOW_TO_INSTALL;

function isHere(tool: Tool): boolean {
  if (tool === "workflow-parser") return existsSync(resolve(MODULES, "@actions/workflow-parser"));
  return tool === "dclint" ? existsSync(pathOf(tool)) : Bun.which(tool) !== null;
}

function pathOf(tool: Tool): string {
  return tool === "dclint" ? resolve(MODULES, ".bin/dclint") : tool;
}

/** Whether a test can use the tool. If it cannot, this says so, or throws with REQUIRE_DEPLOY_TOOLS=1. */
export function hasDeployTool(tool: Tool): boolean {
  if (isHere(tool)) return true;
  const advice = `${tool} is not found (${HOW_TO_INSTALL[tool]})`;
  if (process.env.REQUIRE_DEPLOY_TOOLS === "1") {
    throw new Error(`REQUIRE_DEPLOY_TOOLS=1, but ${advice}`);
  }
  console.warn(`\nTests with ${tool} are SKIPPED: ${advice}\n`);
  return false;
}

export interface Verdict {
  readonly exitCode: number;
  /** Everything that the tool printed. */
  readonly said: string;
}

/** Runs a tool to its end. */
export function runDeployTool(tool: Tool, args: readonly string[], cwd?: string): Verdict {
  const { exitCode, stdout, stderr } = Bun.spawnSync([pathOf(tool), ...args], {
    ...(cwd !== undefined && { cwd }),
  });
  return { exitCode, said: `${stdout.toString()}${stderr.toString()}` };
}
