import type { Words } from "../words.ts";

/** Hebrew; en.ts says what the keys and % stand for. */
export const HE: Words = {
  good: "מועיל",
  bad: "לא מועיל",
  why: "מה לא היה בסדר?",
  wrong: "שגוי",
  incomplete: "חלקי",
  offTopic: "לא לעניין",
  other: "משהו אחר",
  comment: "פרטים נוספים (לא חובה)",
  left: "נותרו % תווים",
  thanks: "תודה!",
  close: "סגירה",

  person: "שיחה עם נציג",
  contact: "דוא״ל או טלפון",
  another: "כתובת אחרת",
  note: "במה מדובר? (לא חובה)",
  along: "גם השאלה נשלחת.",
  consent: "השליחה מהווה הסכמה לשימוש בפרטים לצורך מענה.",
  privacy: "פרטיות",
  send: "שליחה",
  cancel: "ביטול",
  mailed: "נציג יכתוב אל %.",
  called: "נציג יתקשר אל %.",

  open: "יש כאן מישהו עכשיו.",
  opens: "שוב כאן: %.",
  hours: "שעות הפעילות: %",
  closed: "סגור",

  here: "% כאן.",
  writing: "% בהקלדה…",
  away: "העוזר עונה שוב.",

  contactWrong: "זו לא כתובת דוא״ל ולא מספר טלפון.",
  unsent: "השליחה נכשלה. יש לנסות שוב.",
  tooMany: "זה נשלח כבר כמה פעמים היום. יש לנסות שוב מחר.",
  off: "כרגע אי אפשר לפנות כאן לנציג.",
};
