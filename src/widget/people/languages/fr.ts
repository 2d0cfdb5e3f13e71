import type { Words } from "../words.ts";

/** French; en.ts says what the keys and % stand for. */
export const FR: Words = {
  good: "Utile",
  bad: "Pas utile",
  why: "Qu’est-ce qui n’allait pas ?",
  wrong: "Faux",
  incomplete: "Incomplet",
  offTopic: "Hors sujet",
  other: "Autre chose",
  comment: "Précisions (facultatif)",
  left: "% caractères restants",
  thanks: "Merci !",
  close: "Fermer",

  person: "Parler à une personne",
  contact: "E-mail ou téléphone",
  another: "En indiquer un autre",
  note: "De quoi s’agit-il ? (facultatif)",
  along: "La question est envoyée aussi.",
  consent: "En envoyant ceci, j’accepte que ces données servent à me répondre.",
  privacy: "Confidentialité",
  send: "Envoyer",
  cancel: "Annuler",
  mailed: "Une personne écrira à %.",
  called: "Une personne appellera le %.",

  open: "Quelqu’un est là maintenant.",
  opens: "De retour : %.",
  hours: "Horaires : %",
  closed: "fermé",

  here: "% est là.",
  writing: "% écrit…",
  away: "L’assistant répond de nouveau.",

  contactWrong: "Ce n’est ni une adresse e-mail ni un numéro de téléphone.",
  unsent: "L’envoi a échoué. Veuillez réessayer.",
  tooMany: "Déjà demandé plusieurs fois aujourd’hui. Veuillez réessayer demain.",
  off: "Personne n’est joignable ici pour le moment.",
};
