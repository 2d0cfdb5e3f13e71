import type { Words } from "../words.ts";

/** Dutch; en.ts says what the keys and % stand for. */
export const NL: Words = {
  good: "Nuttig",
  bad: "Niet nuttig",
  why: "Wat was er niet goed?",
  wrong: "Onjuist",
  incomplete: "Onvolledig",
  offTopic: "Niet ter zake",
  other: "Iets anders",
  comment: "Meer hierover (optioneel)",
  left: "Nog % tekens",
  thanks: "Bedankt!",
  close: "Sluiten",

  person: "Met een mens praten",
  contact: "E-mail of telefoonnummer",
  another: "Een ander opgeven",
  note: "Waar gaat het over? (optioneel)",
  along: "De vraag wordt meegestuurd.",
  consent: "Met verzenden stem ik ermee in dat dit voor het antwoord wordt gebruikt.",
  privacy: "Privacy",
  send: "Verzenden",
  cancel: "Annuleren",
  mailed: "Een medewerker schrijft naar %.",
  called: "Een medewerker belt naar %.",

  open: "Er is nu iemand.",
  opens: "Weer aanwezig: %.",
  hours: "Tijden: %",
  closed: "gesloten",

  here: "% is er.",
  writing: "% schrijft…",
  away: "De assistent antwoordt weer.",

  contactWrong: "Dit is geen e-mailadres en geen telefoonnummer.",
  unsent: "Verzenden is niet gelukt. Probeer het opnieuw.",
  tooMany: "Dit is vandaag al een paar keer gevraagd. Probeer het morgen opnieuw.",
  off: "Er is hier nu niemand bereikbaar.",
};
