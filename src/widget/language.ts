/** In the order of the sentences below. */
const NAMES = [
  "title",
  "open",
  "close",
  "welcome",
  "placeholder",
  "send",
  "stop",
  "fresh",
  "copy",
  "copied",
  "retry",
  "typing",
  "stopped",
  "cut",
  "offline",
  "reconnecting",
  "wait",
  "down",
  "unsent",
  "busy",
  "setup",
  "tooLong",
  "you",
  "assistant",
] as const;

export type Sentences = Readonly<Record<(typeof NAMES)[number], string>>;

/** `%` stands for a number. */
const SENTENCES = {
  en: "Chat|Open chat|Close chat|Hi! How can I help you?|Write a message…|Send|Stop answering|New conversation|Copy answer|Copied|Try again|Writing an answer…|Stopped|The answer is incomplete|You are offline. The chat goes on when you are back.|Connection lost. Reconnecting…|Many questions at once. It goes on in % s.|The assistant cannot answer right now.|Your message could not be sent.|Another answer is still being written.|This chat is not set up correctly.|At most % characters|You|Assistant",
  de: "Chat|Chat öffnen|Chat schließen|Hallo! Wie kann ich helfen?|Nachricht schreiben…|Senden|Antwort anhalten|Neue Unterhaltung|Antwort kopieren|Kopiert|Nochmals versuchen|Antwort wird geschrieben…|Angehalten|Die Antwort ist unvollständig|Du bist offline. Der Chat geht weiter, sobald du zurück bist.|Verbindung unterbrochen. Neuer Versuch…|Viele Fragen auf einmal. Weiter in % s.|Der Assistent kann gerade nicht antworten.|Die Nachricht konnte nicht gesendet werden.|Eine andere Antwort wird noch geschrieben.|Dieser Chat ist nicht richtig eingerichtet.|Höchstens % Zeichen|Du|Assistent",
  es: "Chat|Abrir el chat|Cerrar el chat|¡Hola! ¿En qué puedo ayudarte?|Escribe un mensaje…|Enviar|Detener la respuesta|Nueva conversación|Copiar la respuesta|Copiado|Reintentar|Escribiendo una respuesta…|Detenida|La respuesta está incompleta|Sin conexión. El chat seguirá cuando vuelvas.|Conexión perdida. Reconectando…|Muchas preguntas a la vez. Sigue en % s.|El asistente no puede responder ahora.|No se pudo enviar el mensaje.|Aún se está escribiendo otra respuesta.|Este chat no está bien configurado.|% caracteres como máximo|Tú|Asistente",
  fr: "Chat|Ouvrir le chat|Fermer le chat|Bonjour ! Comment puis-je vous aider ?|Écrivez un message…|Envoyer|Arrêter la réponse|Nouvelle conversation|Copier la réponse|Copié|Réessayer|Réponse en cours…|Arrêtée|La réponse est incomplète|Vous êtes hors ligne. Le chat reprendra à votre retour.|Connexion perdue. Reconnexion…|Trop de questions à la fois. Reprise dans % s.|L’assistant ne peut pas répondre pour le moment.|Le message n’a pas pu être envoyé.|Une autre réponse est en cours.|Ce chat n’est pas bien configuré.|% caractères au maximum|Vous|Assistant",
  it: "Chat|Apri la chat|Chiudi la chat|Ciao! Come posso aiutarti?|Scrivi un messaggio…|Invia|Ferma la risposta|Nuova conversazione|Copia la risposta|Copiato|Riprova|Risposta in corso…|Fermata|La risposta è incompleta|Sei offline. La chat riprende quando torni.|Connessione persa. Riconnessione…|Troppe domande insieme. Si riprende tra % s.|L’assistente ora non può rispondere.|Impossibile inviare il messaggio.|Un’altra risposta è in corso.|Questa chat non è configurata bene.|Al massimo % caratteri|Tu|Assistente",
  pt: "Chat|Abrir o chat|Fechar o chat|Olá! Como posso ajudar?|Escreva uma mensagem…|Enviar|Parar a resposta|Nova conversa|Copiar a resposta|Copiado|Tentar de novo|Escrevendo uma resposta…|Parada|A resposta está incompleta|Sem conexão. O chat continua quando você voltar.|Conexão perdida. Reconectando…|Muitas perguntas de uma vez. Continua em % s.|O assistente não pode responder agora.|Não foi possível enviar a mensagem.|Outra resposta ainda está sendo escrita.|Este chat não está bem configurado.|No máximo % caracteres|Você|Assistente",
  ja: "チャット|チャットを開く|チャットを閉じる|こんにちは。ご用件をどうぞ。|メッセージを入力…|送信|回答を止める|新しい会話|回答をコピー|コピーしました|再試行|回答を作成中…|停止しました|回答は途中までです|オフラインです。接続が戻ると再開します。|接続が切れました。再接続中…|質問が多すぎます。%秒後に再開します。|現在、回答できません。|メッセージを送信できませんでした。|別の回答を作成中です。|このチャットは正しく設定されていません。|%文字まで|あなた|アシスタント",
  ar: "محادثة|فتح المحادثة|إغلاق المحادثة|مرحبًا! كيف يمكنني مساعدتك؟|اكتب رسالة…|إرسال|إيقاف الإجابة|محادثة جديدة|نسخ الإجابة|تم النسخ|إعادة المحاولة|جارٍ كتابة الإجابة…|توقفت|الإجابة غير مكتملة|أنت غير متصل. تستمر المحادثة عند عودتك.|انقطع الاتصال. جارٍ إعادة الاتصال…|أسئلة كثيرة دفعة واحدة. نتابع بعد % ث.|لا يستطيع المساعد الإجابة الآن.|تعذّر إرسال الرسالة.|تُكتب إجابة أخرى الآن.|لم تُضبط هذه المحادثة بشكل صحيح.|% حرف كحد أقصى|أنت|المساعد",
} as const;

export type Language = keyof typeof SENTENCES;

export const LANGUAGES = Object.keys(SENTENCES).filter(isLanguage);

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(SENTENCES, tag);
}

/** Everything the widget says, in one language. */
export function sentencesOf(language: Language): Sentences {
  const texts = SENTENCES[language].split("|");
  const entries = NAMES.map((name, index) => [name, texts[index] ?? ""]);
  return Object.fromEntries(entries) as Sentences;
}

export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}
