/** Asks the owner on a terminal. */
export interface Questions {
  /** @returns what was typed, without white space around it; the fallback if nothing was */
  ask(question: string, fallback?: string): Promise<string>;
  /** The same, but nothing that is typed is shown. */
  askSecret(question: string): Promise<string>;
}
