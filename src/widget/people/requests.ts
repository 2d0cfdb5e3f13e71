import { element, icon } from "../element.ts";
import type { MenuLine, PeopleHost, PeopleSettings } from "./contract.ts";
import { hoursIn, momentIn } from "./hours.ts";
import { createRequestForm } from "./request-form.ts";
import { type Memory, type PersonState, refusedIn, type Request, textOf } from "./state.ts";
import { withName } from "./with-name.ts";
import type { Words } from "./words.ts";

export const PERSON_ICON = "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM5 21a7 7 0 0 1 14 0";

interface Requests {
  readonly node: HTMLElement;
  /** @param isPoor whether the last answer was a poor one */
  update(person: PersonState, isPoor: boolean): void;
  menu(): readonly MenuLine[];
}

interface RequestsOptions {
  readonly host: PeopleHost;
  readonly settings: PeopleSettings;
  readonly t: Words;
  readonly memory: Memory;
  /** Called with what the server says of a request that was sent. */
  readonly onRequest: (request: unknown) => void;
}

/** What a visitor can do to reach a person: a button, then a form, then what happens next. */
export function createRequests({
  host,
  settings,
  t,
  memory,
  onRequest,
}: RequestsOptions): Requests {
  const { conversation, list, stage } = host;
  const language = stage.root.lang;
  const when = textOf(settings.person);
  const button = element("button", { className: "reach" }, icon(PERSON_ICON), t.person);
  const card = element("div", { className: "asked", tabIndex: -1 });
  const form = createRequestForm({
    host,
    t,
    memory,
    consent: textOf(settings.consent) ?? t.consent,
    refused: () => refusedIn(conversation.entries())?.questions ?? [],
    onSent(request, hasQuestion) {
      memory.isFormOpen = false;
      memory.form = { contact: "", note: "" };
      onRequest(request);
      list.announcer.say([...card.children].map((line) => line.textContent).join(" "));
      // The conversation has it now.
      if (hasQuestion) conversation.refresh();
    },
    onCancel() {
      memory.isFormOpen = false;
      update(shown.person, shown.isPoor);
      button.focus();
    },
  });
  const node = element("div", {}, button, card, form.node);
  let shown: { readonly person: PersonState; readonly isPoor: boolean };
  let shownCard: unknown;
  /** What is to be seen, so that nothing is touched while it stays the same. */
  let drawn: string | undefined;

  const openForm = () => {
    memory.isFormOpen = true;
    update(shown.person, shown.isPoor);
    form.focus();
  };

  /** Whether a person can be asked for now. */
  function isOffered(): boolean {
    const { person, isPoor } = shown;
    const isWanted = when === "always" || (when === "poor" && isPoor);
    return isWanted && conversation.entries().length > 0 && !person.isHere;
  }

  /** Where the server takes no question, the form is there at once, and goes when it takes one again. */
  function followRefusal(): void {
    const answer = refusedIn(conversation.entries())?.answer;
    if (answer === memory.offeredFor) return;
    const { contact, note } = memory.form;
    if (answer ? isOffered() : !contact && !note) memory.isFormOpen = !!answer;
    memory.offeredFor = answer;
  }

  function update(person: PersonState, isPoor: boolean): void {
    shown = { person, isPoor };
    followRefusal();
    const { request, hours } = person;
    // Whoever has asked for a person before can send what was refused since.
    const isRefused = memory.offeredFor && isOffered();
    const asked = request?.isOpen && !person.isHere && !isRefused ? request : undefined;
    const isForm = memory.isFormOpen && !asked && !person.isHere;
    const now = [
      isOffered(),
      isForm,
      isRefused,
      request?.contact,
      request?.isOpen,
      person.isHere,
    ].join();
    if (drawn === now && shownCard === asked) return;
    drawn = now;
    button.hidden = !isOffered() || !!asked || isForm;
    card.hidden = !asked;
    // Before the form goes: a text that is short for a moment loses its place, and the card would be out of sight.
    if (asked) fillCard(asked, hours);
    const hadFocus = !isForm && form.node.matches(":focus-within");
    form.update(isForm, request?.contact);
    // The focus would be lost with the form.
    if (hadFocus) (asked ? card : host.frame.node.querySelector("textarea"))?.focus();
    shownCard = asked;
  }

  function fillCard(asked: Request, hours: string | undefined): void {
    const lines = sentencesOn(asked, hours ?? textOf(settings.hours), language, t);
    card.replaceChildren(
      element("p", {}, ...withName(wayTo(asked, t), asked.contact)),
      ...lines.map((line) => element("p", {}, line)),
    );
  }

  button.onclick = openForm;

  return {
    node,
    update,
    menu: () =>
      shown && isOffered() && !shown.person.request?.isOpen
        ? [{ text: t.person, act: openForm }]
        : [],
  };
}

/** What is said of how a person comes to the visitor. % stands for the address. */
function wayTo({ contact }: Request, t: Words): string {
  return contact.includes("@") ? t.mailed : t.called;
}

/** When people are there, a sentence each. */
function sentencesOn(
  { isOpenNow, opensAt }: Request,
  hours: string | undefined,
  language: string,
  t: Words,
): string[] {
  const opening = isOpenNow ? t.open : opensAt && t.opens.replace("%", momentIn(opensAt, language));
  return [
    opening || "",
    // What an owner writes may have signs that replace() knows.
    hours ? t.hours.replace("%", () => hoursIn(hours, language, t)) : "",
  ].filter(Boolean);
}
