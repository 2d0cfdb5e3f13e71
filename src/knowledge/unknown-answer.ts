/** By language. The first one is for visitors of every other language. */
const SENTENCES = {
  en: "I could not find an answer to that on this website.",
  ar: "لم أجد إجابة عن ذلك في هذا الموقع.",
  de: "Dazu habe ich auf dieser Website keine Antwort gefunden.",
  es: "No he encontrado una respuesta a eso en este sitio web.",
  fr: "Je n’ai pas trouvé de réponse à cette question sur ce site.",
  it: "Non ho trovato una risposta su questo sito.",
  ja: "このサイトには、その答えが見つかりませんでした。",
  ko: "이 웹사이트에서 그에 대한 답을 찾지 못했습니다.",
  nl: "Daar heb ik op deze website geen antwoord op gevonden.",
  pl: "Nie znalazłem odpowiedzi na to pytanie w tej witrynie.",
  pt: "Não encontrei uma resposta para isso neste site.",
  ru: "На этом сайте не нашлось ответа на этот вопрос.",
  tr: "Bu web sitesinde buna bir yanıt bulamadım.",
  uk: "На цьому сайті не знайшлося відповіді на це запитання.",
  zh: "在本网站上没有找到答案。",
};

/** A header that is longer is cut: nobody reads so many languages. */
const MAX_HEADER_LENGTH = 200;

/**
 * What a visitor is shown where the model only says that its sources do not hold the answer, in the first language of
 * his browser that is known (Accept-Language, RFC 9110, section 12.5.4; browsers send the preferred one first).
 */
export function unknownAnswer(languages = ""): string {
  for (const range of languages.slice(0, MAX_HEADER_LENGTH).split(",")) {
    const [language = ""] = range.trim().toLowerCase().split(/[-;]/);
    const found = Object.entries(SENTENCES).find(([each]) => each === language);
    if (found) return found[1];
  }
  return SENTENCES.en;
}
