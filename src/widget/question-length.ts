/** The longest question that the server accepts, in Unicode code points. */
export const MAX_QUESTION_LENGTH = 4000;
