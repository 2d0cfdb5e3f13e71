import type { Words } from "../words.ts";

/** German; en.ts says what the keys and % stand for. */
export const DE: Words = {
  good: "Hilfreich",
  bad: "Nicht hilfreich",
  why: "Was war nicht gut?",
  wrong: "Falsch",
  incomplete: "Unvollständig",
  offTopic: "Am Thema vorbei",
  other: "Etwas anderes",
  comment: "Mehr dazu (freiwillig)",
  left: "Noch % Zeichen",
  thanks: "Vielen Dank!",
  close: "Schließen",

  person: "Mit einem Menschen sprechen",
  contact: "E-Mail oder Telefonnummer",
  another: "Andere angeben",
  note: "Worum geht es? (freiwillig)",
  along: "Die Frage wird mitgesendet.",
  consent: "Mit dem Senden stimme ich zu, dass diese Angaben für die Antwort verwendet werden.",
  privacy: "Datenschutz",
  send: "Senden",
  cancel: "Abbrechen",
  mailed: "Ein Mensch schreibt an %.",
  called: "Ein Mensch ruft an: %.",

  open: "Jetzt ist jemand da.",
  opens: "Wieder da: %.",
  hours: "Zeiten: %",
  closed: "geschlossen",

  here: "% ist da.",
  writing: "% schreibt…",
  away: "Nun antwortet wieder der Assistent.",

  contactWrong: "Das ist weder eine E-Mail-Adresse noch eine Telefonnummer.",
  unsent: "Das konnte nicht gesendet werden. Bitte noch einmal versuchen.",
  tooMany: "Das wurde heute schon mehrmals gesendet. Bitte morgen noch einmal versuchen.",
  off: "Zurzeit ist hier niemand erreichbar.",
};
