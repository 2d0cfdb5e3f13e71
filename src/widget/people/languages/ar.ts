import type { Words } from "../words.ts";

/** Arabic; en.ts says what the keys and % stand for. */
export const AR: Words = {
  good: "مفيد",
  bad: "غير مفيد",
  why: "ما المشكلة؟",
  wrong: "غير صحيح",
  incomplete: "غير كامل",
  offTopic: "خارج الموضوع",
  other: "شيء آخر",
  comment: "تفاصيل أكثر (اختياري)",
  left: "عدد الأحرف المتبقية: %",
  thanks: "شكرًا!",
  close: "إغلاق",

  person: "التحدث مع شخص",
  contact: "البريد الإلكتروني أو رقم الهاتف",
  another: "استخدام عنوان آخر",
  note: "ما الموضوع؟ (اختياري)",
  consent: "بالإرسال أوافق على استخدام هذه البيانات للرد.",
  privacy: "الخصوصية",
  send: "إرسال",
  cancel: "إلغاء",
  mailed: "سيكتب شخص إلى %.",
  called: "سيتصل شخص بالرقم %.",

  open: "يوجد شخص الآن.",
  opens: "العودة: %.",
  hours: "الأوقات: %",
  closed: "مغلق",

  here: "% موجود هنا.",
  writing: "% يكتب…",
  away: "المساعد يجيب من جديد.",

  contactWrong: "هذا ليس بريدًا إلكترونيًا ولا رقم هاتف.",
  unsent: "تعذّر الإرسال. يُرجى المحاولة مرة أخرى.",
  tooMany: "أُرسل هذا عدة مرات اليوم. يُرجى المحاولة غدًا.",
  off: "لا يمكن الوصول إلى أحد هنا حاليًا.",
};
