import type { Language } from "../language.ts";

/** What is said at each limit, by its code. An owner's own sentence takes the place of the first two. */
export interface LimitSentences {
  readonly budget_reached: string;
  readonly model_off: string;
  /** Of what one visitor can have in a day. */
  readonly share_reached: string;
}

export const SENTENCES: Readonly<Record<Language, LimitSentences>> = {
  en: {
    budget_reached: "No more questions can be answered at the moment.",
    model_off: "No questions are answered here at the moment.",
    share_reached: "That was all for today. Please come back tomorrow.",
  },
  de: {
    budget_reached: "Im Moment können keine weiteren Fragen beantwortet werden.",
    model_off: "Im Moment werden hier keine Fragen beantwortet.",
    share_reached: "Für heute war das alles. Morgen geht es weiter.",
  },
  es: {
    budget_reached: "En este momento no se pueden responder más preguntas.",
    model_off: "En este momento no se responden preguntas aquí.",
    share_reached: "Eso es todo por hoy. Se puede continuar mañana.",
  },
  fr: {
    budget_reached: "Il n’est plus possible de répondre à des questions pour le moment.",
    model_off: "Aucune réponse n’est donnée ici pour le moment.",
    share_reached: "C’est tout pour aujourd’hui. Revenez demain, s’il vous plaît.",
  },
  it: {
    budget_reached: "Al momento non è possibile rispondere ad altre domande.",
    model_off: "Al momento qui non si risponde a domande.",
    share_reached: "Per oggi è tutto. Si può continuare domani.",
  },
  pt: {
    budget_reached: "Neste momento não é possível responder a mais perguntas.",
    model_off: "Neste momento não se respondem perguntas aqui.",
    share_reached: "Por hoje é tudo. Pode continuar amanhã.",
  },
  nl: {
    budget_reached: "Op dit moment kunnen geen vragen meer worden beantwoord.",
    model_off: "Op dit moment worden hier geen vragen beantwoord.",
    share_reached: "Dat was alles voor vandaag. Morgen kan het verder.",
  },
  pl: {
    budget_reached: "W tej chwili nie można odpowiedzieć na więcej pytań.",
    model_off: "W tej chwili nie odpowiadamy tu na pytania.",
    share_reached: "Na dziś to wszystko. Zapraszamy jutro.",
  },
  tr: {
    budget_reached: "Şu anda başka soru yanıtlanamıyor.",
    model_off: "Şu anda burada sorular yanıtlanmıyor.",
    share_reached: "Bugünlük bu kadar. Lütfen yarın tekrar gelin.",
  },
  ru: {
    budget_reached: "Сейчас ответить на новые вопросы нельзя.",
    model_off: "Сейчас здесь не отвечают на вопросы.",
    share_reached: "На сегодня это всё. Продолжить можно завтра.",
  },
  uk: {
    budget_reached: "Зараз неможливо відповісти на нові запитання.",
    model_off: "Зараз тут не відповідають на запитання.",
    share_reached: "На сьогодні це все. Продовжити можна завтра.",
  },
  ja: {
    budget_reached: "現在、これ以上の質問にはお答えできません。",
    model_off: "現在、ここでは質問にお答えしていません。",
    share_reached: "本日はここまでです。明日またお越しください。",
  },
  ko: {
    budget_reached: "지금은 더 이상 질문에 답할 수 없습니다.",
    model_off: "지금은 이곳에서 질문에 답하지 않습니다.",
    share_reached: "오늘은 여기까지입니다. 내일 다시 찾아 주세요.",
  },
  zh: {
    budget_reached: "目前无法回答更多问题。",
    model_off: "目前这里不回答问题。",
    share_reached: "今天的提问次数已用完，请明天再来。",
  },
  "zh-hant": {
    budget_reached: "目前無法回答更多問題。",
    model_off: "目前這裡不回答問題。",
    share_reached: "今天的提問次數已用完，請明天再來。",
  },
  ar: {
    budget_reached: "لا يمكن الإجابة عن المزيد من الأسئلة في الوقت الحالي.",
    model_off: "لا تتم الإجابة عن الأسئلة هنا في الوقت الحالي.",
    share_reached: "هذا كل شيء لليوم. يمكن المتابعة غدًا.",
  },
  he: {
    budget_reached: "כרגע אי אפשר לענות על שאלות נוספות.",
    model_off: "כרגע לא עונים כאן על שאלות.",
    share_reached: "זה הכול להיום. אפשר להמשיך מחר.",
  },
};
