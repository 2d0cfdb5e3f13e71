/** What ratings and people say in English: the keys of every language. % stands for what a comment says. */
export const EN = {
  // Ratings. `left`: % is a number.
  good: "Helpful",
  bad: "Not helpful",
  why: "What was wrong?",
  wrong: "Wrong",
  incomplete: "Incomplete",
  offTopic: "Off topic",
  other: "Something else",
  comment: "Tell us more (optional)",
  left: "% characters left",
  thanks: "Thank you!",
  close: "Close",

  // Asking for a person. `mailed` and `called`: % is an address or a number, shortened. `along` is said of a question that the
  // server has not taken.
  person: "Talk to a person",
  contact: "E-mail or phone number",
  another: "Use another",
  note: "What is it about? (optional)",
  along: "Your question is sent along.",
  consent: "When you send this, you agree that we use it to answer you.",
  privacy: "Privacy",
  send: "Send",
  cancel: "Cancel",
  mailed: "A person will write to %.",
  called: "A person will call %.",

  // When people are there. `opens`: % is a day and a time; `hours`: % are days and times; `closed` is said of a day.
  open: "We are there now.",
  opens: "We are there again on %.",
  hours: "Hours: %",
  closed: "closed",

  // A person in the chat. % is a name.
  here: "% is here.",
  writing: "% is writing…",
  away: "The assistant answers again.",

  // What is wrong.
  contactWrong: "This is neither an e-mail address nor a phone number.",
  unsent: "That could not be sent. Please try again.",
  tooMany: "That was asked for several times today. Please try again tomorrow.",
  off: "No person can be asked for here at the moment.",
} as const;
