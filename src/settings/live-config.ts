import type { Config } from "../config/config.ts";

/**
 * The settings in force. Each group is frozen and is replaced as a whole when the owner changes a setting, so whoever
 * reads a group when it is needed has what is in force. `derived` keeps what is made from a group.
 */
export class LiveConfig implements Config {
  #current: Config;
  readonly #listeners: (() => void)[] = [];

  constructor(current: Config) {
    this.#current = current;
  }

  get server() {
    return this.#current.server;
  }
  get database() {
    return this.#current.database;
  }
  get replicas() {
    return this.#current.replicas;
  }
  get model() {
    return this.#current.model;
  }
  get assistant() {
    return this.#current.assistant;
  }
  get knowledge() {
    return this.#current.knowledge;
  }
  get turns() {
    return this.#current.turns;
  }
  get keys() {
    return this.#current.keys;
  }
  get origins() {
    return this.#current.origins;
  }
  get limits() {
    return this.#current.limits;
  }
  get spending() {
    return this.#current.spending;
  }
  get proof() {
    return this.#current.proof;
  }
  get redaction() {
    return this.#current.redaction;
  }
  get widget() {
    return this.#current.widget;
  }
  get people() {
    return this.#current.people;
  }
  get notices() {
    return this.#current.notices;
  }
  get calendar() {
    return this.#current.calendar;
  }
  get log() {
    return this.#current.log;
  }

  /** The listener is called after every change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Puts other settings in force. A group in which nothing differs stays the same object. */
  replace(next: Config): void {
    const old = this.#current;
    this.#current = {
      server: keepEqual(old.server, next.server),
      database: keepEqual(old.database, next.database),
      replicas: keepEqual(old.replicas, next.replicas),
      model: keepEqual(old.model, next.model),
      assistant: keepEqual(old.assistant, next.assistant),
      knowledge: keepEqual(old.knowledge, next.knowledge),
      turns: keepEqual(old.turns, next.turns),
      keys: keepEqual(old.keys, next.keys),
      origins: keepEqual(old.origins, next.origins),
      limits: keepEqual(old.limits, next.limits),
      spending: keepEqual(old.spending, next.spending),
      proof: keepEqual(old.proof, next.proof),
      redaction: keepEqual(old.redaction, next.redaction),
      widget: keepEqual(old.widget, next.widget),
      people: keepEqual(old.people, next.people),
      notices: keepEqual(old.notices, next.notices),
      calendar: keepEqual(old.calendar, next.calendar),
      log: keepEqual(old.log, next.log),
    };
    for (const listener of this.#listeners) listener();
  }
}

function keepEqual<Group>(old: Group, next: Group): Group {
  return Bun.deepEquals(old, next, true) ? old : next;
}
