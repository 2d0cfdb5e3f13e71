import type { Language } from "../language.ts";

/** The names of the sentences below, in their order. */
const NAMES = [
  "title",
  "close",
  "welcome",
  "placeholder",
  "send",
  "stop",
  "fresh",
  "copy",
  "retry",
  "typing",
  "stopped",
  "cut",
  "offline",
  "reconnecting",
  "wait",
  "down",
  "you",
  "notice",
  "privacy",
  "sources",
  "source",
  "copied",
  "toEnd",
  "newText",
] as const;

export type Sentences = Readonly<Record<(typeof NAMES)[number], string>>;

/** `%` stands for a number. `source` is followed by a title. */
const SENTENCES: Readonly<Record<Language, string>> = {
  en: "Chat|Close|Hi! How can I help you?|Write a message…|Send|Stop|New chat|Copy|Try again|Writing…|Stopped|Incomplete|You are offline|Reconnecting…|Too many messages: wait % s|No answer right now|You|An AI answers and can be wrong.|Privacy|Sources|Source %: |Copied|To the end|New text",
  de: "Chat|Schließen|Hallo! Wie kann ich helfen?|Nachricht schreiben…|Senden|Anhalten|Neuer Chat|Kopieren|Nochmals versuchen|Schreibt…|Angehalten|Unvollständig|Du bist offline|Neue Verbindung…|Zu viele Nachrichten: % s warten|Gerade keine Antwort|Du|Eine KI antwortet und kann irren.|Datenschutz|Quellen|Quelle %: |Kopiert|Zum Ende|Neuer Text",
  es: "Chat|Cerrar|¡Hola! ¿En qué puedo ayudarte?|Escribe un mensaje…|Enviar|Detener|Nuevo chat|Copiar|Reintentar|Escribiendo…|Detenido|Incompleto|Sin conexión|Reconectando…|Demasiados mensajes: espera % s|Sin respuesta por ahora|Tú|Responde una IA y puede equivocarse.|Privacidad|Fuentes|Fuente %: |Copiado|Ir al final|Texto nuevo",
  fr: "Chat|Fermer|Bonjour ! Comment puis-je vous aider ?|Écrivez un message…|Envoyer|Arrêter|Nouveau chat|Copier|Réessayer|Écrit…|Arrêté|Incomplet|Vous êtes hors ligne|Reconnexion…|Trop de messages : attendez % s|Pas de réponse pour le moment|Vous|Une IA vous répond et peut se tromper.|Confidentialité|Sources|Source % : |Copié|Aller à la fin|Nouveau texte",
  it: "Chat|Chiudi|Ciao! Come posso aiutarti?|Scrivi un messaggio…|Invia|Ferma|Nuova chat|Copia|Riprova|Scrive…|Fermato|Incompleto|Sei offline|Riconnessione…|Troppi messaggi: attendi % s|Nessuna risposta per ora|Tu|Risponde un'IA e può sbagliare.|Privacy|Fonti|Fonte %: |Copiato|Vai alla fine|Nuovo testo",
  pt: "Chat|Fechar|Olá! Como posso ajudar?|Escreva uma mensagem…|Enviar|Parar|Novo chat|Copiar|Tentar de novo|Escrevendo…|Parado|Incompleto|Sem conexão|Reconectando…|Mensagens demais: aguarde % s|Sem resposta por agora|Você|Uma IA responde e pode errar.|Privacidade|Fontes|Fonte %: |Copiado|Ir para o fim|Texto novo",
  ja: "チャット|閉じる|ご用件をどうぞ|メッセージを入力…|送信|停止|新しいチャット|コピー|再試行|入力中…|停止しました|未完了|オフラインです|再接続中…|送信が多すぎます（%秒）|現在、回答できません|あなた|AIの回答は誤ることがあります。|プライバシー|出典|出典%：|コピーしました|最後へ|新しい文",
  ar: "محادثة|إغلاق|مرحبًا! كيف يمكنني مساعدتك؟|اكتب رسالة…|إرسال|إيقاف|محادثة جديدة|نسخ|إعادة المحاولة|يكتب…|توقف|غير مكتمل|أنت غير متصل|إعادة الاتصال…|رسائل كثيرة: انتظر % ث|لا يمكن الرد الآن|أنت|يجيبك ذكاء اصطناعي وقد يخطئ.|الخصوصية|المصادر|المصدر %: |تم النسخ|إلى النهاية|نص جديد",
};

/** Everything the panel says, in one language. */
export function sentencesOf(language: Language): Sentences {
  const texts = SENTENCES[language].split("|");
  return Object.fromEntries(NAMES.map((name, index) => [name, texts[index]])) as Sentences;
}
