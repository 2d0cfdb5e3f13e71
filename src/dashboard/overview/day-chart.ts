import { type Html, html } from "../html.ts";
import type { Day } from "./days.ts";
import type { Figure } from "./figures.ts";
import { type Scale, scaleFor } from "./scale.ts";

/** The share of a day's width that its bar fills. */
const BAR_SHARE = 0.7;
/** In percent of the height, so that a bar of one beside a million is still visible. */
const MIN_BAR_HEIGHT = 1.5;
/** At most so many days are named below the chart, plus one. */
const NAMED_DAYS = 4;
/** A share is counted in percent. */
const SHARE_UNIT = 0.01;

/**
 * A bar for each day, drawn as SVG and coloured by the style sheet. Over it lies a point for each day, which shows its
 * value under the mouse, a finger or the focus. The last day is today, and not over.
 */
export function dayChart(figure: Figure, days: readonly Day[]): Html {
  const values = days.map(figure.ofDay);
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  const scale = scaleFor(highest, figure.limit === undefined ? 1 : SHARE_UNIT, figure.limit);
  return html`<div class="chart ${figure.isBad === true && figure.limit !== undefined && "bad"}">
    <svg class="plot" aria-hidden="true" focusable="false">
      <defs>
        <pattern
          id="not-over"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="bar" width="3" height="6" />
        </pattern>
      </defs>
      ${gridOf(figure, scale, highest > 0)}
      ${values.map((value, index) => bar(value, index, days.length, scale))}
      ${days.map((day, index) => nameOf(day, index, days.length))}
    </svg>
    <p class="unseen" id="shape">
      ${describe(figure, days, values)} The arrow keys lead from day to day.
    </p>
    <div
      class="points"
      role="group"
      aria-label="${figure.name} a day"
      aria-describedby="shape"
      data-points
    >
      ${days.map((day, index) => point(figure, day, index, days.length))}
    </div>
    ${highest === 0 && html`<p class="nothing">Nothing in these days.</p>`}
  </div>`;
}

function gridOf({ formatShort }: Figure, { lines, top }: Scale, hasValues: boolean): Html {
  return html`${[0, ...lines].map((value) => {
    const y = `${percent(1 - value / top)}`;
    return html`<line class="${value === 0 && "base"}" x1="0" x2="100%" y1="${y}" y2="${y}" />
      ${hasValues && html`<text class="amount" x="-8" y="${y}" dy=".32em">${formatShort(value)}</text>`}`;
  })}`;
}

function bar(value: number | undefined, index: number, count: number, { top }: Scale) {
  if (value === undefined || value <= 0) return undefined;
  const height = Math.max(MIN_BAR_HEIGHT / 100, value / top);
  const x = percent((index + (1 - BAR_SHARE) / 2) / count);
  return html`<rect
    class="bar ${index === count - 1 && "today"}"
    x="${x}"
    y="${percent(1 - height)}"
    width="${percent(BAR_SHARE / count)}"
    height="${percent(height)}"
    rx="2"
  />`;
}

/** The name of a day below the chart, where there is room for one. */
function nameOf({ label }: Day, index: number, count: number): Html | undefined {
  const distance = count - 1 - index;
  if (distance % Math.ceil(count / NAMED_DAYS) !== 0) return undefined;
  const isToday = distance === 0;
  const x = isToday ? "100%" : percent((index + 0.5) / count);
  return html`<text class="name ${isToday && "today"}" x="${x}" y="100%" dy="1.6em">
    ${isToday ? "Today" : label}
  </text>`;
}

function point({ ofDay, format }: Figure, day: Day, index: number, count: number): Html {
  const value = ofDay(day);
  const isToday = index === count - 1;
  const shown = value === undefined ? "no answers" : format(value);
  const name = isToday ? "Today, so far" : day.longLabel;
  const place = (index + 0.5) / count;
  return html`<div
    class="point ${place < 0.2 && "first"} ${place > 0.8 && "last"}"
    id="day-${day.day}"
    role="img"
    aria-label="${name}: ${shown}"
    tabindex="${isToday ? 0 : -1}"
  >
    <span class="tip"><b>${shown}</b> ${name}</span>
  </div>`;
}

function describe(figure: Figure, days: readonly Day[], values: readonly (number | undefined)[]) {
  const range = `${days.length} days, from ${days[0]?.label ?? ""} to ${days.at(-1)?.label ?? ""}.`;
  let highest = 0;
  for (const [index, value = 0] of values.entries()) {
    if (value > (values[highest] ?? 0)) highest = index;
  }
  const value = values[highest] ?? 0;
  if (value === 0) return `${range} Nothing yet.`;
  return `${range} The highest is ${figure.format(value)} on ${days[highest]?.label}.`;
}

/** A share of the width or the height, with two decimals. */
function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}
