/** How much an owner may enter at once. Lengths are in UTF-16 units. */

export const MAX_TITLE_LENGTH = 300;
/** A note is a text of some pages. Longer ones are files. */
export const MAX_NOTE_LENGTH = 100_000;
/** A page that a program pushes. With its JSON around it, it fits into a request. */
export const MAX_PUSHED_LENGTH = 1_500_000;
/** Of one upload. */
export const MAX_UPLOADED_FILES = 50;
/** Such as the rows of a table: some seconds' worth. Larger files are read on the command line. */
export const MAX_UPLOADED_DOCUMENTS = 2000;
/** As long as a visitor's question may be. */
export const MAX_QUESTION_LENGTH = 4000;
/** An answer to one question. All of them are listed at once. */
export const MAX_ANSWER_LENGTH = 10_000;
/** `chatporch test` asks the model each of them. */
export const MAX_WRITTEN_ANSWERS = 500;
