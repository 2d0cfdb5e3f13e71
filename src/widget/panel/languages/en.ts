/** What the panel says in English: the keys of every language. % stands for a number, unless a comment says more. */
export const EN = {
  // The panel and its launcher. `openChat`: % is the title of the chat.
  title: "Chat",
  openChat: "Open chat: %",
  closeChat: "Close chat",
  close: "Close",
  menu: "More",
  expand: "Enlarge",
  reduce: "Reduce",
  assistant: "AI assistant",
  newAnswers: "% new",

  // The first screen, and the input.
  welcome: "Hi! How can I help you?",
  placeholder: "Write a message…",
  send: "Send",
  stop: "Stop",
  left: "% characters left",
  pasteCut: "Only the first % characters fit.",
  notice: "An AI answers and can be wrong.",
  privacy: "Privacy",

  // Messages. `you` says whose a question is. `source`: the first % is a number, the second one a title.
  you: "You",
  typing: "Writing…",
  thinking: "Still thinking…",
  loading: "Loading earlier messages…",
  earlier: "Earlier chats",
  sources: "Sources",
  source: "Source %: %",
  code: "Code",
  table: "Table",
  wrap: "Wrap lines",
  toEnd: "To the end",
  newText: "New text",

  // How an answer ended.
  stopped: "Stopped",
  cut: "The answer broke off.",
  limited: "The answer reached its length limit.",

  // What can be done.
  copy: "Copy",
  copied: "Copied",
  retry: "Try again",
  goOn: "Continue",
  askAgain: "Ask again",
  fresh: "New chat",
  freshStarted: "New chat started.",
  erase: "Delete this chat",
  erased: "Chat deleted.",
  undo: "Undo",
  dismiss: "Dismiss",
  transcript: "Download transcript",
  contact: "Write to us",

  // What is wrong. `wait`: % is a number of seconds.
  offline: "You are offline",
  reconnecting: "Reconnecting…",
  wait: "Too many messages: wait % s",
  busy: "Still answering in another tab…",
  down: "The assistant cannot be reached right now.",
  refused: "This chat is not available here.",
} as const;
