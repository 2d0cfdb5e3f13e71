/** Thrown when something that the owner has entered cannot be used. Nothing was changed. */
export class RefusedEntryError extends Error {
  /** The name of the field. */
  readonly field: string;

  /** @param problem a sentence for the owner, without the entered text */
  constructor(field: string, problem: string) {
    super(problem);
    this.name = "RefusedEntryError";
    this.field = field;
  }
}
