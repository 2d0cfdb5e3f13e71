import type { Words } from "../words.ts";

/** Polish; en.ts says what the keys and % stand for. */
export const PL: Words = {
  good: "Pomocne",
  bad: "Niepomocne",
  why: "Co było nie tak?",
  wrong: "Błędna",
  incomplete: "Niepełna",
  offTopic: "Nie na temat",
  other: "Coś innego",
  comment: "Więcej szczegółów (opcjonalnie)",
  left: "Pozostało znaków: %",
  thanks: "Dziękujemy!",
  close: "Zamknij",

  person: "Porozmawiaj z człowiekiem",
  contact: "E-mail lub telefon",
  another: "Podaj inny",
  note: "O co chodzi? (opcjonalnie)",
  along: "Pytanie też zostanie wysłane.",
  consent: "Wysyłając, wyrażam zgodę na użycie tych danych do odpowiedzi.",
  privacy: "Prywatność",
  send: "Wyślij",
  cancel: "Anuluj",
  mailed: "Ktoś napisze na adres %.",
  called: "Ktoś zadzwoni pod numer %.",

  open: "Teraz ktoś jest dostępny.",
  opens: "Ponownie dostępni: %.",
  hours: "Godziny: %",
  closed: "nieczynne",

  here: "% jest tutaj.",
  writing: "% pisze…",
  away: "Znów odpowiada asystent.",

  contactWrong: "To nie jest adres e-mail ani numer telefonu.",
  unsent: "Nie udało się wysłać. Spróbuj ponownie.",
  tooMany: "Dziś wysłano to już kilka razy. Spróbuj ponownie jutro.",
  off: "Obecnie nikt nie jest tu dostępny.",
};
