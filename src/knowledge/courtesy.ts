import { wordsOf } from "../text/words.ts";

/** Words of greetings and thanks. They say nothing of what a visitor wants to know. */
const COURTESIES = new Set(
  wordsOf(`hello hi hey good morning afternoon evening day thank thanks you very much so lot ok okay great bye goodbye
    hallo guten tag morgen abend danke dank vielen sehr schön bitte tschüss moin servus
    bonjour bonsoir salut merci beaucoup revoir hola buenos buenas días tardes noches muchas gracias adiós
    ciao buongiorno buonasera grazie mille olá oi bom boa dia tarde noite obrigado obrigada muito
    hoi goedendag bedankt wel cześć dzień dobry dziękuję bardzo merhaba selam teşekkürler teşekkür ederim çok
    привет здравствуйте добрый день спасибо большое привіт вітаю дякую дуже
    こんにちは ありがとう ございます 你好 您好 谢谢 謝謝 안녕하세요 감사합니다 مرحبا شكرا جزيلا`),
);
const HOW_ARE_YOU =
  /how are you( doing)?|wie geht(?:['’]?s| es)( dir| ihnen)?|comment (?:ça va|vas-tu|allez-vous)|c[óo]mo est[áa]s?|come stai|как дела/giu;
/** Shorter ones are a word of the conversation, such as "And then?". */
const LEAST_WORDS = 3;

/** Whether a message asks for something, and does not only greet or thank. */
export function isAboutSomething(message: string): boolean {
  const words = wordsOf(message.replaceAll(HOW_ARE_YOU, " "));
  return words.filter((word) => !COURTESIES.has(word)).length >= LEAST_WORDS;
}
