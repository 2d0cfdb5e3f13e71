import { element } from "../element.ts";
import { addStyles } from "../style-sheet.ts";
import type { CreatePeople, Message, PeopleHost } from "./contract.ts";
import { createEventFeed, type PersonEvent } from "./event-feed.ts";
import { createPresence } from "./presence.ts";
import { createRatings } from "./ratings.ts";
import { createRequests } from "./requests.ts";
import { isOfPerson, memoryOf, readPerson, readRequest } from "./state.ts";
import type { WordsByLanguage } from "./words.ts";

/**
 * Returns what adds ratings and people to a panel.
 * @param sentences in the panel's language, or in all
 */
export function peopleIn(sentences: WordsByLanguage, styles: string): CreatePeople {
  const [any] = Object.values(sentences);
  return (host, settings) => {
    const { conversation, list, frame, stage, signal } = host;
    const t = sentences[stage.root.lang] ?? any;
    if (!t) return { update() {}, menu: () => [] };
    const { memory, isNew } = memoryOf(host);
    /** What the history says, as it was looked at last. */
    let known: unknown;
    /** The first message, by which one conversation differs from another. */
    let first: Message | undefined;
    let person = readPerson(undefined);
    /** The history has something that is not shown. */
    let isStale = false;

    const ratings = createRatings(host, t, memory, () => requests.update(person, isPoor()));
    const requests = createRequests({ host, settings, t, memory, onRequest });
    const presence = createPresence(host, t);
    const feed = createEventFeed(host, () => lastId(host), onEvent);

    function onRequest(value: unknown): void {
      person = { ...person, request: readRequest(value) };
      requests.update(person, isPoor());
    }

    function onEvent({ type, data }: PersonEvent): void {
      if (type === "typing") presence.onTyping();
      else if (type === "request") onRequest(data.request);
      else if (type === "message") {
        presence.endTyping();
        if (!hasId(host, data.id)) refresh();
      } else if (type === "person") {
        const { isHere, name } = readPerson(data);
        const isNews = isHere !== person.isHere || (isHere && name !== person.name);
        person = { ...person, isHere, name };
        presence.update(person);
        requests.update(person, isPoor());
        // With the answer that was stopped, when a person has come in the middle of it.
        if (isNews) refresh();
      }
    }

    /** Reads the history again, once it has every question that is shown: one that never arrived can be asked again. */
    function refresh(): void {
      isStale = !conversation.entries().every(isKnownToServer);
      if (!isStale) conversation.refresh();
    }

    function isPoor(): boolean {
      const last = conversation.entries().findLast(({ role }) => role === "assistant");
      return (
        !!last && (!!last.isPoor || /failed|cut/.test(last.status) || ratings.isRatedDown(last))
      );
    }

    /** Tells the page of what people wrote since it was looked at last. */
    function notify(isFirst: boolean): void {
      for (const message of conversation.entries()) {
        const id = message.stored?.id;
        if (!isOfPerson(message) || memory.seen.has(id)) continue;
        memory.seen.add(id);
        if (!isFirst) host.notify(message);
      }
    }

    function update(): void {
      const entries = conversation.entries();
      const now = conversation.person();
      const isOther = entries[0] !== first;
      if (isOther) {
        if (first) presence.reset();
        person = readPerson(undefined);
      }
      first = entries[0];
      if (isOther || known !== now) person = readPerson(now);
      known = now;
      if (settings.ratings === true) ratings.update();
      presence.update(person);
      requests.update(person, isPoor());
      notify(isOther);
      follow();
      if (isStale) refresh();
    }

    /** Whether a person may write in this conversation. The server has it once one of its messages is known from there. */
    function isReachable(): boolean {
      const mayCome = !!conversation.person() || /always|poor/.test(`${settings.person}`);
      return mayCome && conversation.entries().some(({ stored }) => stored);
    }

    /**
     * Only in a tab that is in sight: over HTTP/1.1, a browser has six connections to a server for all of its tabs. What was
     * missed comes when it is in sight again.
     */
    function follow(): void {
      const isSeen = frame.isOpen() && !document.hidden;
      feed.follow(isSeen && isReachable() ? first : undefined);
    }

    /** A panel that is closed hears nothing meanwhile. */
    function look(): void {
      follow();
      if (!document.hidden && !frame.isOpen() && isReachable()) refresh();
    }

    if (isNew) addStyles(stage.root.getRootNode() as ShadowRoot, styles);
    list.end.replaceChildren(element("div", { className: "people" }, presence.node, requests.node));
    document.addEventListener("visibilitychange", look, { signal });

    return { update, menu: requests.menu };
  };
}

/** Whether the history has the message, or will have it: it is under way. */
function isKnownToServer({ status, stored }: Message): boolean {
  return status !== "failed" || !!stored;
}

/** The id of the newest message that the history has. Undefined: it was not read yet. */
function lastId({ conversation }: PeopleHost): number | undefined {
  const ids = conversation.entries().map(({ stored }) => Number(stored?.id) || 0);
  return Math.max(...ids) || undefined;
}

function hasId({ conversation }: PeopleHost, id: unknown): boolean {
  return conversation.entries().some(({ stored }) => stored?.id === id);
}
