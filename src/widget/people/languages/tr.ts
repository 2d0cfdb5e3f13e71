import type { Words } from "../words.ts";

/** Turkish; en.ts says what the keys and % stand for. */
export const TR: Words = {
  good: "Yararlı",
  bad: "Yararlı değil",
  why: "Sorun neydi?",
  wrong: "Yanlış",
  incomplete: "Eksik",
  offTopic: "Konu dışı",
  other: "Başka bir şey",
  comment: "Ayrıntılar (isteğe bağlı)",
  left: "% karakter kaldı",
  thanks: "Teşekkürler!",
  close: "Kapat",

  person: "Bir kişiyle görüş",
  contact: "E-posta veya telefon",
  another: "Başka bir adres",
  note: "Konu nedir? (isteğe bağlı)",
  along: "Soru da gönderilir.",
  consent: "Göndererek, bu bilgilerin yanıt için kullanılmasını kabul ediyorum.",
  privacy: "Gizlilik",
  send: "Gönder",
  cancel: "Vazgeç",
  mailed: "Bir kişi şu adrese yazacak: %.",
  called: "Bir kişi şu numarayı arayacak: %.",

  open: "Şu anda biri burada.",
  opens: "Yeniden burada: %.",
  hours: "Saatler: %",
  closed: "kapalı",

  here: "% burada.",
  writing: "% yazıyor…",
  away: "Yeniden asistan yanıtlıyor.",

  contactWrong: "Bu ne bir e-posta adresi ne de bir telefon numarası.",
  unsent: "Gönderilemedi. Lütfen yeniden deneyin.",
  tooMany: "Bu bugün birkaç kez gönderildi. Lütfen yarın yeniden deneyin.",
  off: "Şu anda burada kimseye ulaşılamıyor.",
};
