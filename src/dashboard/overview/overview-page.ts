import type { Link } from "../../http/link.ts";
import type { ConversationPage } from "../../store/conversation-store.ts";
import type { Spent } from "../../store/spending-store.ts";
import type { DailyFigures } from "../../store/store.ts";
import { formatNumber, zoneName } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { layout, liveRegion } from "../layout.ts";
import type { Session } from "../session.ts";
import { budgetCard } from "./budget-card.ts";
import type { Chosen } from "./choice.ts";
import { dayChart } from "./day-chart.ts";
import { dayTable } from "./day-table.ts";
import { toPeriods } from "./days.ts";
import { figuresIn } from "./figures.ts";
import { groundingCard } from "./grounding-card.ts";
import { latestView } from "./latest.ts";
import { type Circumstances, needsOf, needsView } from "./needs.ts";
import { numbersView, periodsView } from "./numbers.ts";
import { ratingsCard } from "./ratings-card.ts";

interface OverviewPageOptions extends Omit<Circumstances, "today"> {
  readonly link: Link;
  readonly session: Session;
  readonly chosen: Chosen;
  /** How far the owner has come. */
  readonly beginnings: Content;
  /** Of the period and the days before it. */
  readonly figures: readonly DailyFigures[];
  readonly spent: readonly Spent[];
  readonly runningTurns: number;
  readonly published: string;
  /** The latest conversations, and how many there are. */
  readonly latest: Pick<ConversationPage, "conversations" | "total">;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** In the form of DailyFigures.day. */
  readonly today: number;
  /** The name of the time zone in which the days are. */
  readonly timeZone: string;
}

export function overviewPage(options: OverviewPageOptions): Html {
  const { link, session, chosen, runningTurns, latest, published, beginnings } = options;
  const isEmpty = latest.total === 0 && options.figures.length === 0;
  return layout({
    link,
    title: "Overview",
    section: "Overview",
    session,
    body: liveRegion(
      "figures",
      published,
      html`<div class="heading">
          <h1>Overview</h1>
          <p class="now">
            <span class="dot ${runningTurns > 0 && "on"}"></span>
            ${formatNumber(runningTurns)} answering now
          </p>
        </div>
        ${isEmpty ? emptyView(options) : [filledView(options, chosen), beginnings]}`,
    ),
  });
}

/** Before the first conversation: the steps that lead to it, in place of empty charts. */
function emptyView(options: OverviewPageOptions): Html {
  const needs = needsOf({ ...options, nextStep: undefined, today: undefined });
  return html`${options.beginnings}
    <p class="notice">
      No conversations yet. The first one appears here as soon as a visitor writes.
    </p>
    ${needs.length > 0 && needsView(options.link, needs)}`;
}

function filledView(options: OverviewPageOptions, chosen: Chosen): Html {
  const { link, latest, spending } = options;
  const periods = toPeriods(options, chosen.period, options.today);
  const { days } = periods;
  const choose = ({ period, figure }: Chosen) => link(`/dashboard?days=${period}&figure=${figure}`);
  const hasCost = spending.isPriced || options.spent.some(({ cost }) => cost > 0);
  const figures = figuresIn(hasCost ? spending.currency : undefined);
  const figure = figures.find(({ id }) => id === chosen.figure) ?? figures[0];
  return html`<section class="card figures" aria-labelledby="drawn">
      ${numbersView(figures, periods, chosen, choose)}
      <div class="heading">
        <h2 id="drawn">
          ${figure.name} a day
          <small
            >in
            <a href="${link("/dashboard/settings/limits#TIME_ZONE")}"
              >${zoneName(options.timeZone)}</a
            ></small
          >
        </h2>
        ${periodsView(chosen, choose)}
      </div>
      ${dayChart(figure, days)} ${dayTable(figures, days)}
    </section>
    <div class="beside">
      <div class="stack">
        ${needsView(link, needsOf({ ...options, today: days.at(-1) }))}
        ${budgetCard(link, spending)} ${ratingsCard(link, days)} ${groundingCard(link, days)}
      </div>
      ${latestView(link, latest.conversations, latest.total, options.now)}
    </div>`;
}
