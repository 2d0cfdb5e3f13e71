/**
 * Thrown for words of the command line with which a command can do nothing. The message goes on after the command's
 * name, and says what to give.
 */
export class UsageProblem extends Error {
  override readonly name = "UsageProblem";
}
