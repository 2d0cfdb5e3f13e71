import type { Config } from "../config/config.ts";

/**
 * The settings in force. Each group is frozen and is replaced as a whole when the owner changes a setting, so whoever
 * reads a group when it is needed has what is in force. What is made from a group is kept by `derived`.
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
  get widget() {
    return this.#current.widget;
  }
  get log() {
    return this.#current.log;
  }

  /** The listener is called after every change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Puts other settings in force. */
  replace(next: Config): void {
    this.#current = next;
    for (const listener of this.#listeners) listener();
  }
}
