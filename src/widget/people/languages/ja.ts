import type { Words } from "../words.ts";

/** Japanese; en.ts says what the keys and % stand for. */
export const JA: Words = {
  good: "役に立った",
  bad: "役に立たなかった",
  why: "何が問題でしたか？",
  wrong: "間違っている",
  incomplete: "不十分",
  offTopic: "的外れ",
  other: "その他",
  comment: "詳細（任意）",
  left: "残り % 文字",
  thanks: "ありがとうございます！",
  close: "閉じる",

  person: "担当者と話す",
  contact: "メールアドレスまたは電話番号",
  another: "別の連絡先を使う",
  note: "ご用件（任意）",
  along: "質問も送信されます。",
  consent: "送信すると、回答のためにこの内容が使用されることに同意したものとみなされます。",
  privacy: "プライバシー",
  send: "送信",
  cancel: "キャンセル",
  mailed: "担当者が % にメールをお送りします。",
  called: "担当者が % にお電話します。",

  open: "現在、担当者がおります。",
  opens: "次の対応：%",
  hours: "対応時間：%",
  closed: "休み",

  here: "% が対応しています。",
  writing: "% が入力中…",
  away: "再びアシスタントが回答します。",

  contactWrong: "メールアドレスでも電話番号でもありません。",
  unsent: "送信できませんでした。もう一度お試しください。",
  tooMany: "本日はすでに何度か送信されています。明日もう一度お試しください。",
  off: "現在、担当者への連絡は受け付けていません。",
};
