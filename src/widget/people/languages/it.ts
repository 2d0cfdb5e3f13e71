import type { Words } from "../words.ts";

/** Italian; en.ts says what the keys and % stand for. */
export const IT: Words = {
  good: "Utile",
  bad: "Non utile",
  why: "Che cosa non andava?",
  wrong: "Sbagliata",
  incomplete: "Incompleta",
  offTopic: "Fuori tema",
  other: "Altro",
  comment: "Altri dettagli (facoltativo)",
  left: "Restano % caratteri",
  thanks: "Grazie!",
  close: "Chiudi",

  person: "Parlare con una persona",
  contact: "E-mail o telefono",
  another: "Usare un altro recapito",
  note: "Di che cosa si tratta? (facoltativo)",
  along: "Viene inviata anche la domanda.",
  consent: "Inviando, acconsento all’uso di questi dati per la risposta.",
  privacy: "Privacy",
  send: "Invia",
  cancel: "Annulla",
  mailed: "Una persona scriverà a %.",
  called: "Una persona chiamerà il %.",

  open: "Ora c’è qualcuno.",
  opens: "Di nuovo presenti: %.",
  hours: "Orari: %",
  closed: "chiuso",

  here: "% è qui.",
  writing: "% sta scrivendo…",
  away: "Ora risponde di nuovo l’assistente.",

  contactWrong: "Non è né un indirizzo e-mail né un numero di telefono.",
  unsent: "Invio non riuscito. Riprovare.",
  tooMany: "Richiesta già inviata più volte oggi. Riprovare domani.",
  off: "Al momento qui non si può raggiungere nessuno.",
};
