import type { Advice } from "../config/advice.ts";
import type { Link } from "../http/link.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { DailyFigures } from "../store/store.ts";
import { barChart } from "./charts.ts";
import { formatCompact, formatCount, formatDay, formatDuration, formatNumber } from "./formats.ts";
import { groundingCard } from "./grounding-card.ts";
import { type Content, type Html, html } from "./html.ts";
import { layout, liveRegion } from "./layout.ts";
import type { Session } from "./session.ts";

export const OVERVIEW_DAYS = 30;

/** Advice that can arise while a server runs. Advice that is there from the start is shown under Setup. */
const COMES_UP: ReadonlySet<string> = new Set(["database-fills", "model-ends", "search-rebuilds"]);

interface OverviewPageOptions {
  readonly link: Link;
  readonly session: Session;
  /** How far the owner has come. */
  readonly beginnings: Content;
  readonly advice: readonly Advice[];
  readonly figures: readonly DailyFigures[];
  readonly runningTurns: number;
  readonly published: string;
  readonly totalConversations: number;
  /** How many of the owner's sources could not be read. */
  readonly brokenSources: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Day = Omit<DailyFigures, "day"> & { readonly label: string };

export function overviewPage(options: OverviewPageOptions): Html {
  const { link, session, runningTurns, totalConversations, published, now } = options;
  const days = everyDay(options.figures, now);
  return layout({
    link,
    title: "Overview",
    section: "Overview",
    session,
    body: liveRegion(
      "figures",
      published,
      html` <div class="heading">
          <h1>Overview</h1>
          <p class="now">
            <span class="dot ${runningTurns > 0 && "on"}"></span>
            ${formatCount(runningTurns, "answer")} under way now
          </p>
        </div>
        ${options.beginnings}
        ${options.advice
          .filter(({ id }) => COMES_UP.has(id))
          .map(({ says, mend }) => html`<p class="notice warn">${says} ${mend}</p>`)}
        ${brokenNotice(link, options.brokenSources)}
        ${
          totalConversations === 0
            ? html`<p class="notice">No conversations yet. They appear here as they come.</p>`
            : [chartsView(days, totalConversations), groundingCard(link, days)]
        }`,
    ),
  });
}

function brokenNotice(link: Link, broken: number): Content {
  return (
    broken > 0 &&
    html`<p class="notice warn">
      ${formatCount(broken, "source")} could not be read last time:
      <a href="${link("/dashboard/knowledge")}">Knowledge</a> says why.
    </p>`
  );
}

function chartsView(days: readonly Day[], totalConversations: number): Html {
  const sum = (count: (day: Day) => number) => days.reduce((total, day) => total + count(day), 0);
  return html`<p class="hint">
      The last ${OVERVIEW_DAYS} days, in UTC. ${formatCount(totalConversations, "conversation")}
      stored in all.
    </p>
    <div class="charts">
      ${figure("conversations", "New conversations", formatCompact(sum((d) => d.conversations)), {
        days,
        value: (day) => day.conversations,
      })}
      ${figure("messages", "Messages", formatCompact(sum((d) => d.messages)), {
        days,
        value: (day) => day.messages,
      })}
      ${figure("tokens", "Tokens", formatCompact(sum((d) => d.tokens)), {
        days,
        value: (day) => day.tokens,
      })}
      ${figure("errors", "Failed answers", formatCompact(sum((d) => d.errors)), {
        days,
        value: (day) => day.errors,
        tone: "bad",
      })}
      ${figure("latency", "Median time to the first token", latest(days), {
        days,
        value: (day) => day.medianFirstTokenMs,
        format: formatDuration,
      })}
    </div>
    ${table(days)}`;
}

interface FigureOptions {
  readonly days: readonly Day[];
  readonly value: (day: Day) => number | undefined;
  readonly format?: (value: number) => string;
  readonly tone?: "accent" | "bad";
}

function figure(id: string, title: string, headline: Content, options: FigureOptions): Html {
  const { days, value, format = formatNumber, tone = "accent" } = options;
  const bars = days.map((day) => ({ label: day.label, value: value(day) }));
  return html`<section class="card figure">
    <h2>${title}</h2>
    <p class="headline">${headline}</p>
    ${barChart({ id, title: `${title} a day`, bars, format, tone })}
    <p class="axis" aria-hidden="true">
      <span>${days[0]?.label}</span><span>${days.at(-1)?.label}</span>
    </p>
  </section>`;
}

/** The median of the newest day that has one, with its date. A median of several medians would be wrong. */
function latest(days: readonly Day[]): Content {
  const day = days.findLast(({ medianFirstTokenMs }) => medianFirstTokenMs !== undefined);
  if (day?.medianFirstTokenMs === undefined) return "–";
  return html`${formatDuration(day.medianFirstTokenMs)} <small>on ${day.label}</small>`;
}

function table(days: readonly Day[]): Html {
  return html`<details id="figures">
    <summary>The same as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Figures of each day">
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Conversations</th>
            <th scope="col">Messages</th>
            <th scope="col">Tokens</th>
            <th scope="col">Failed</th>
            <th scope="col">First token</th>
          </tr>
        </thead>
        <tbody>
          ${days.toReversed().map(
            (day) =>
              html`<tr>
                <th scope="row">${day.label}</th>
                <td>${formatNumber(day.conversations)}</td>
                <td>${formatNumber(day.messages)}</td>
                <td>${formatNumber(day.tokens)}</td>
                <td>${formatNumber(day.errors)}</td>
                <td>
                  ${
                    day.medianFirstTokenMs === undefined
                      ? "–"
                      : formatDuration(day.medianFirstTokenMs)
                  }
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="hint">Deleted conversations stay counted. Times are exact to 5 %.</p>
  </details>`;
}

const NO_GROUNDINGS = { cited: 0, uncited: 0, none: 0 } as const;

/** Adds the days without activity, which the store leaves out and a chart shows. */
function everyDay(figures: readonly DailyFigures[], now: number): Day[] {
  const known = new Map(figures.map((each) => [each.day, each]));
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  return Array.from({ length: OVERVIEW_DAYS }, (_, index) => {
    const day = today - (OVERVIEW_DAYS - 1 - index) * DAY_MS;
    const found = known.get(day);
    return {
      label: formatDay(day),
      conversations: found?.conversations ?? 0,
      messages: found?.messages ?? 0,
      tokens: found?.tokens ?? 0,
      errors: found?.errors ?? 0,
      medianFirstTokenMs: found?.medianFirstTokenMs,
      groundings: found?.groundings ?? NO_GROUNDINGS,
    };
  });
}
