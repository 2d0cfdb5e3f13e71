/** Thrown for words of the command line that a command does not understand. The message says what to give. */
export class UsageProblem extends Error {
  override readonly name = "UsageProblem";
}
