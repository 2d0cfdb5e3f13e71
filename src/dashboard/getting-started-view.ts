import type { Link } from "../http/link.ts";
import { timeElement } from "./formats.ts";
import type { Beginnings, Step } from "./getting-started.ts";
import { type Content, type Html, html } from "./html.ts";
import type { Session } from "./session.ts";
import { trialText } from "./settings/trial-view.ts";
import { refusedRows } from "./settings/websites-page.ts";
import { snippet } from "./setup/script-tag.ts";

interface GettingStartedOptions {
  readonly link: Link;
  readonly session: Session;
  readonly steps: readonly Step[];
  readonly beginnings: Beginnings;
  /** The script tag for the owner's website. */
  readonly tag: string;
  /** Whether the websites are not fixed by the environment. */
  readonly canAllow: boolean;
}

/** The page of the websites has the others. */
const MAX_SHOWN_REFUSED = 3;

const TITLES: Readonly<Record<Step["id"], string>> = {
  model: "The model answers",
  website: "Your website is named",
  instructions: "The instructions are written",
  pages: "Your pages are read",
  looks: "The widget has your greeting and looks",
  people: "You hear of visitors who want a person",
  budget: "What the model may cost is limited",
  tag: "The tag is on your website",
  address: "The server is reachable at its public address",
};

const PATHS: Readonly<Partial<Record<Step["id"], string>>> = {
  model: "/dashboard/settings/model",
  website: "/dashboard/settings/websites",
  instructions: "/dashboard/settings/instructions",
  pages: "/dashboard/knowledge",
  looks: "/dashboard/settings/widget",
  people: "/dashboard/settings/people",
  budget: "/dashboard/settings/spending",
};

const NEXT: Readonly<Record<Step["id"], readonly [path: string, words: string]>> = {
  model: ["/dashboard/settings/model", "choose a model"],
  website: ["/dashboard/settings/websites", "name your website"],
  instructions: ["/dashboard/settings/instructions", "write instructions"],
  pages: ["/dashboard/knowledge", "add your pages"],
  looks: ["/dashboard/settings/widget", "change the greeting"],
  people: ["/dashboard/settings/people", "offer a person"],
  budget: ["/dashboard/settings/spending", "set a budget"],
  tag: ["/dashboard#getting-started", "copy the tag"],
  address: ["/dashboard#getting-started", "see what is left"],
};

/** Whether a server without it is not set up. */
function isNeeded({ isDone, isOptional }: Step): boolean {
  return !isDone && isOptional === undefined;
}

/** The first step that is needed and not done. */
export interface NextStep {
  readonly path: string;
  /** `choose a model` */
  readonly words: string;
  /** How many are done: `2 of 5` */
  readonly done: string;
}

export function nextStepOf(steps: readonly Step[]): NextStep | undefined {
  const step = steps.find(isNeeded);
  if (step === undefined) return undefined;
  const [path, words] = NEXT[step.id];
  return { path, words, done: countOf(steps) };
}

/** A link to the first step that is needed and not done. */
export function nextStep(link: Link, steps: readonly Step[]): Content {
  const next = nextStepOf(steps);
  return next && html`<a href="${link(next.path)}">Next: ${next.words}</a>`;
}

/** What is optional counts once it is done. */
function countOf(steps: readonly Step[]): string {
  const done = steps.filter(({ isDone }) => isDone).length;
  return `${done} of ${done + steps.filter(isNeeded).length}`;
}

/** The list, until everything is done. Then a line. */
export function gettingStartedView(options: GettingStartedOptions): Html {
  const { steps, link } = options;
  const needed = steps.filter(({ isOptional }) => isOptional === undefined);
  if (needed.every(({ isDone }) => isDone)) {
    return html`<p class="hint">
      Everything is set up: model, website, instructions, tag, address.
      ${steps.filter(({ isDone }) => !isDone).map(({ id }) => offer(link, id))}
    </p>`;
  }
  const first = steps.find(isNeeded);
  return html`<section class="card" id="getting-started" data-waiting aria-label="Getting started">
    <div class="heading">
      <h2>Getting started</h2>
      <p class="hint">${countOf(steps)} done</p>
    </div>
    <ol class="steps">
      ${steps.map((step) => stepView(step, step === first, options))}
    </ol>
  </section>`;
}

/** What is left when everything that is needed is done. */
function offer(link: Link, id: Step["id"]): Html {
  const [path, words] = NEXT[id];
  return html`You can also <a href="${link(path)}">${words}</a>.`;
}

function stepView(step: Step, isFirst: boolean, options: GettingStartedOptions): Html {
  const { id, isDone, isOptional } = step;
  const [path, words] = wayOf(id, options);
  const mark = isOptional && !isDone && html` <span class="badge">optional</span>`;
  return html`<li class="step ${isDone && "done"}">
    <h3>${TITLES[id]}<span class="unseen">${isDone ? ": done" : ": to do"}</span>${mark}</h3>
    ${explanation(step, options)} ${isOfRefused(step, options) && refusedHere(options)}
    ${
      !isDone &&
      path !== undefined &&
      html`<p>
        <a class="button ${isFirst && "primary"}" href="${options.link(path)}">${words}</a>
      </p>`
    }
  </li>`;
}

/** Where a step is done. A person who is offered already has no notice yet. */
function wayOf(
  id: Step["id"],
  { beginnings }: GettingStartedOptions,
): readonly [path: string | undefined, words: string | undefined] {
  const isOffered = beginnings.config.people.person !== "off";
  if (id === "people" && isOffered)
    return ["/dashboard/settings/notices", "Choose how you are notified"];
  return [PATHS[id], WORDS[id]];
}

/** Whether this is the first step to which a refused website may be the answer. */
function isOfRefused({ id }: Step, { steps, beginnings }: GettingStartedOptions): boolean {
  if (beginnings.refused.length === 0) return false;
  const first = steps.find(({ id: each, isDone }) => !isDone && /^(website|tag)$/.test(each));
  return first?.id === id;
}

function refusedHere({ link, session, beginnings, canAllow }: GettingStartedOptions): Html {
  const { refused } = beginnings;
  const path = link("/dashboard/settings/websites");
  return html`<p class="hint">
      Pages of these websites asked for the chat and were refused. Is one of them yours?
    </p>
    ${refusedRows({ session, path }, refused.slice(0, MAX_SHOWN_REFUSED), canAllow)}
    ${
      refused.length > MAX_SHOWN_REFUSED &&
      html`<p><a href="${path}">All ${refused.length} refused websites</a></p>`
    }`;
}

const WORDS: Readonly<Partial<Record<Step["id"], string>>> = {
  model: "Choose a model",
  website: "Name your website",
  instructions: "Write instructions",
  pages: "Add your pages",
  looks: "Change the greeting",
  people: "Offer a person",
  budget: "Set a budget",
};

/** One or two sentences on the state of a step. */
function explanation(
  { id, isDone }: Step,
  { link, beginnings, tag }: GettingStartedOptions,
): Content {
  const { config, trial, seen } = beginnings;
  switch (id) {
    case "model":
      if (trial !== undefined) return html`<p class="hint">${trialText(trial)}</p>`;
      if (isDone) return html`<p class="hint">It has answered visitors.</p>`;
      return html`<p class="hint">${MODEL_STATES[config.model.kind]}</p>`;
    case "website":
      return !isDone && html`<p class="hint">Only websites that you name may use the chat.</p>`;
    case "instructions":
      return (
        !isDone &&
        html`<p class="hint">
          What you offer, and how the model should answer. Try them in the playground beside them.
        </p>`
      );
    case "pages":
      return (
        !isDone &&
        html`<p class="hint">
          Visitors get answers from your website, with links to its pages. All it takes is the
          address.
        </p>`
      );
    case "looks":
      return (
        !isDone &&
        html`<p class="hint">
          Its greeting, title, colour and questions to choose from. Until then, it has its own.
        </p>`
      );
    case "people":
      return (
        !isDone &&
        html`<p class="hint">
          Who gets no good answer leaves an address, and
          <a href="${link("/dashboard/settings/notices")}">you are notified</a> by mail, on your
          phone or in your own program.
        </p>`
      );
    case "budget":
      return (
        !isDone &&
        html`<p class="hint">
          A sum for a day or a month, which is not exceeded whoever asks. When it is used up, your
          visitors read a sentence of yours.
        </p>`
      );
    case "tag":
      if (isDone) {
        return (
          seen !== undefined &&
          html`<p class="hint">Seen on ${seen.origin}, last on ${timeElement(seen.at)}.</p>`
        );
      }
      return html`<p class="hint">
          Paste it into your pages before <code>&lt;/body&gt;</code>, and open one of them: this
          page will notice.
        </p>
        ${snippet("tag", "Script tag", tag)}`;
    case "address":
      return !isDone && addressHelp(config);
  }
}

const MODEL_STATES = {
  demo: "The built-in demo model answers for now.",
  none: "None is set up yet, so questions are refused.",
  openai: "One is set up but has not been tried yet.",
} as const;

function addressHelp({ server }: Beginnings["config"]): Html {
  return server.publicUrl === undefined
    ? html`<p class="hint">
        You have not opened the dashboard at an address that visitors can use. Put a proxy with
        https in front of the server, set <code>PUBLIC_URL</code> to its address, and open the
        dashboard there. <code>chatporch doctor --url</code> with that address checks the
        connection.
      </p>`
    : html`<p class="hint">
        Open the dashboard at <code>${server.publicUrl}/dashboard</code>.
        <code>chatporch doctor --url ${server.publicUrl}</code> checks the connection.
      </p>`;
}
