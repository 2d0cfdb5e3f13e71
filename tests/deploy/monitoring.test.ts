import { describe, expect, test } from "bun:test";
import { join, resolve } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { ClusterMetrics } from "../../src/metrics/cluster-metrics.ts";
import { Metrics } from "../../src/metrics/metrics.ts";
import { NoticeMetrics } from "../../src/metrics/notice-metrics.ts";
import { hasDeployTool, runDeployTool } from "../support/deploy-tools.ts";

/** The rules for Prometheus and the dashboard for Grafana. */

const DEPLOY = resolve(import.meta.dir, "../../deploy");

/** Every name that a server exposes, with those that a histogram consists of. */
function exposedNames(): ReadonlySet<string> {
  const metrics = new Metrics();
  new ClusterMetrics(metrics);
  new NoticeMetrics(metrics);
  const types = metrics.write().matchAll(/^# TYPE (\S+) (\S+)$/gm);
  const names = Array.from(types, ([, name = "", type]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names.flat());
}

describe.each(["alerts.yml", "grafana.json"])("deploy/%s", (file) => {
  test("names metrics that exist", async () => {
    const text = await Bun.file(join(DEPLOY, file)).text();
    const named = new Set(
      Array.from(text.matchAll(/\b(?:chatporch|process)_[a-z_]+/g), ([name]) => name),
    );
    expect(named.size).toBeGreaterThan(10);
    const exposed = exposedNames();
    expect([...named].filter((name) => !exposed.has(name))).toEqual([]);
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  readonly targets?: readonly { readonly expr: string }[];
}

test("the dashboard for Grafana shows every metric that alerts watch, and no panel covers another", async () => {
  const { panels }: { panels: readonly Panel[] } = await Bun.file(
    join(DEPLOY, "grafana.json"),
  ).json();
  const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
  expect(new Set(places).size).toBe(panels.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join(" ");
  const alerts = await Bun.file(join(DEPLOY, "alerts.yml")).text();
  const watched = new Set(Array.from(alerts.matchAll(/chatporch_[a-z_]+/g), ([name]) => name));
  expect([...watched].filter((name) => !shown.includes(name))).toEqual([]);
});

describe.if(hasDeployTool("promtool"))("promtool", () => {
  test("understands the alerts", () => {
    const verdict = runDeployTool("promtool", ["check", "rules", join(DEPLOY, "alerts.yml")]);
    expect(verdict).toMatchObject({ exitCode: 0 });
  });

  test("sees the alerts fire when they should, and only then", () => {
    const verdict = runDeployTool(
      "promtool",
      ["test", "rules", "alerts.test.yml"],
      import.meta.dir,
    );
    expect(verdict).toMatchObject({ exitCode: 0 });
  });

  test("understands every query of the dashboard for Grafana", async () => {
    const { panels }: { panels: readonly Panel[] } = await Bun.file(
      join(DEPLOY, "grafana.json"),
    ).json();
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = queries.map((expr, index) => ({
      record: `query_${index}`,
      expr: expr.replaceAll("$__rate_interval", "5m"),
    }));
    const file = join(temporaryFolder(), "queries.yml");
    await Bun.write(file, JSON.stringify({ groups: [{ name: "grafana", rules }] }));
    const verdict = runDeployTool("promtool", ["check", "rules", "--lint=none", file]);
    await cleanUp();
    expect(queries.length).toBeGreaterThan(10);
    expect(verdict).toMatchObject({ exitCode: 0 });
  });
});
