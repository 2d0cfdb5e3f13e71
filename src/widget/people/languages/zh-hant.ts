import type { Words } from "../words.ts";

/** Chinese, traditional; en.ts says what the keys and % stand for. */
export const ZH_HANT: Words = {
  good: "有幫助",
  bad: "沒有幫助",
  why: "哪裡有問題？",
  wrong: "不正確",
  incomplete: "不完整",
  offTopic: "答非所問",
  other: "其他",
  comment: "詳細說明（選填）",
  left: "還可輸入 % 個字元",
  thanks: "謝謝！",
  close: "關閉",

  person: "聯絡真人",
  contact: "電子郵件或電話號碼",
  another: "使用其他聯絡方式",
  note: "有什麼問題？（選填）",
  along: "問題會一併傳送。",
  consent: "傳送即表示同意將這些資料用於回覆。",
  privacy: "隱私權",
  send: "傳送",
  cancel: "取消",
  mailed: "專人會寫信到 %。",
  called: "專人會撥打 %。",

  open: "現在有人在線。",
  opens: "下次在線時間：%。",
  hours: "在線時間：%",
  closed: "休息",

  here: "% 在線。",
  writing: "% 正在輸入…",
  away: "現在由助理繼續回答。",

  contactWrong: "這不是電子郵件地址，也不是電話號碼。",
  unsent: "傳送失敗，請重試。",
  tooMany: "今天已經送出多次，請明天再試。",
  off: "目前這裡無法聯絡真人。",
};
