/** A clock that stands still until the test moves it. */
export class FakeClock {
  #now = Date.parse("2026-11-23T12:00:00Z");

  readonly now = (): number => this.#now;

  advance(ms: number): void {
    this.#now += ms;
  }
}
