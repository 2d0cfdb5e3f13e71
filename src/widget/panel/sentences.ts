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
  "table",
] as const;

export type Sentences = Readonly<Record<(typeof NAMES)[number], string>>;

/** `%` stands for a number. `source` is followed by a title. */
const SENTENCES: Readonly<Record<Language, string>> = {
  en: "Chat|Close|Hi! How can I help you?|Write a message…|Send|Stop|New chat|Copy|Try again|Writing…|Stopped|Incomplete|You are offline|Reconnecting…|Too many messages: wait % s|No answer right now|You|An AI answers and can be wrong.|Privacy|Sources|Source %: |Copied|To the end|New text|Table",
  de: "Chat|Schließen|Hallo! Wie kann ich helfen?|Nachricht schreiben…|Senden|Anhalten|Neuer Chat|Kopieren|Nochmals versuchen|Schreibt…|Gestoppt|Unvollständig|Keine Verbindung|Verbindung wird wiederhergestellt…|Zu viele Nachrichten: % s warten|Gerade keine Antwort|Eigene Nachricht|Eine KI antwortet und kann irren.|Datenschutz|Quellen|Quelle %: |Kopiert|Zum Ende|Neuer Text|Tabelle",
  es: "Chat|Cerrar|¡Hola! ¿En qué puedo ayudar?|Escribir un mensaje…|Enviar|Detener|Nuevo chat|Copiar|Reintentar|Escribiendo…|Detenido|Incompleto|Sin conexión|Reconectando…|Demasiados mensajes: espera de % s|Sin respuesta por ahora|Mensaje propio|Responde una IA y puede equivocarse.|Privacidad|Fuentes|Fuente %: |Copiado|Ir al final|Texto nuevo|Tabla",
  fr: "Chat|Fermer|Bonjour ! Comment puis-je aider ?|Écrire un message…|Envoyer|Arrêter|Nouveau chat|Copier|Réessayer|Écrit…|Arrêté|Incomplet|Aucune connexion|Reconnexion…|Trop de messages : % s d’attente|Pas de réponse pour le moment|Message envoyé|Une IA répond et peut se tromper.|Confidentialité|Sources|Source % : |Copié|Aller à la fin|Nouveau texte|Tableau",
  it: "Chat|Chiudi|Salve! Come posso essere d’aiuto?|Scrivere un messaggio…|Invia|Ferma|Nuova chat|Copia|Riprova|Scrive…|Fermato|Incompleto|Nessuna connessione|Riconnessione…|Troppi messaggi: attesa di % s|Nessuna risposta per ora|Messaggio inviato|Risponde un'IA e può sbagliare.|Privacy|Fonti|Fonte %: |Copiato|Vai alla fine|Nuovo testo|Tabella",
  pt: "Chat|Fechar|Olá! Como posso ajudar?|Escreva uma mensagem…|Enviar|Parar|Novo chat|Copiar|Tentar de novo|Escrevendo…|Parado|Incompleto|Sem conexão|Reconectando…|Mensagens demais: aguarde % s|Sem resposta por agora|Você|Uma IA responde e pode errar.|Privacidade|Fontes|Fonte %: |Copiado|Ir para o fim|Texto novo|Tabela",
  ja: "チャット|閉じる|ご用件をどうぞ|メッセージを入力…|送信|停止|新しいチャット|コピー|再試行|入力中…|停止しました|未完了|オフラインです|再接続中…|送信が多すぎます（%秒）|現在、回答できません|あなた|AIの回答は誤ることがあります。|プライバシー|出典|出典%：|コピーしました|最後へ|新しい文|表",
  ar: "محادثة|إغلاق|مرحبًا! كيف يمكنني مساعدتك؟|اكتب رسالة…|إرسال|إيقاف|محادثة جديدة|نسخ|إعادة المحاولة|يكتب…|توقف|غير مكتمل|أنت غير متصل|إعادة الاتصال…|رسائل كثيرة: انتظر % ث|لا يمكن الرد الآن|أنت|يجيبك ذكاء اصطناعي وقد يخطئ.|الخصوصية|المصادر|المصدر %: |تم النسخ|إلى النهاية|نص جديد|جدول",
  nl: "Chat|Sluiten|Hallo! Waarmee kan ik helpen?|Bericht schrijven…|Verzenden|Stoppen|Nieuwe chat|Kopiëren|Opnieuw proberen|Schrijft…|Gestopt|Onvolledig|Geen verbinding|Verbinding herstellen…|Te veel berichten: % s wachten|Nu geen antwoord|Eigen bericht|Een AI antwoordt en kan zich vergissen.|Privacy|Bronnen|Bron %: |Gekopieerd|Naar het einde|Nieuwe tekst|Tabel",
  pl: "Czat|Zamknij|Dzień dobry! W czym mogę pomóc?|Napisz wiadomość…|Wyślij|Zatrzymaj|Nowy czat|Kopiuj|Spróbuj ponownie|Pisze…|Zatrzymano|Niepełna odpowiedź|Brak połączenia|Ponowne łączenie…|Za dużo wiadomości: odczekaj % s|Obecnie brak odpowiedzi|Własna wiadomość|Odpowiada SI, która może się mylić.|Prywatność|Źródła|Źródło %: |Skopiowano|Na koniec|Nowy tekst|Tabela",
  tr: "Sohbet|Kapat|Merhaba! Nasıl yardımcı olabilirim?|Mesaj yazın…|Gönder|Durdur|Yeni sohbet|Kopyala|Tekrar dene|Yazıyor…|Durduruldu|Eksik|Bağlantı yok|Yeniden bağlanıyor…|Çok fazla mesaj: % sn bekleyin|Şu anda yanıt yok|Siz|Yanıtları yapay zekâ verir, hata yapabilir.|Gizlilik|Kaynaklar|Kaynak %: |Kopyalandı|Sona git|Yeni metin|Tablo",
  ru: "Чат|Закрыть|Здравствуйте! Чем могу помочь?|Напишите сообщение…|Отправить|Остановить|Новый чат|Копировать|Повторить|Пишет…|Остановлено|Ответ неполный|Нет соединения|Восстановление связи…|Слишком много сообщений: подождите % с|Сейчас ответа нет|Вы|Отвечает ИИ, он может ошибаться.|Конфиденциальность|Источники|Источник %: |Скопировано|В конец|Новый текст|Таблица",
  uk: "Чат|Закрити|Вітаю! Чим можу допомогти?|Напишіть повідомлення…|Надіслати|Зупинити|Новий чат|Копіювати|Спробувати ще раз|Пише…|Зупинено|Відповідь неповна|Немає з’єднання|Відновлення зв’язку…|Забагато повідомлень: зачекайте % с|Зараз відповіді немає|Ви|Відповідає ШІ, він може помилятися.|Конфіденційність|Джерела|Джерело %: |Скопійовано|До кінця|Новий текст|Таблиця",
  ko: "채팅|닫기|안녕하세요! 무엇을 도와드릴까요?|메시지를 입력하세요…|보내기|중지|새 채팅|복사|다시 시도|작성 중…|중지됨|답변이 완료되지 않음|오프라인 상태입니다|다시 연결하는 중…|메시지가 너무 많습니다: %초 기다려 주세요|지금은 답변할 수 없습니다|나|AI가 답변하며 틀릴 수 있습니다.|개인정보 보호|출처|출처 %: |복사됨|맨 아래로|새 텍스트|표",
  zh: "聊天|关闭|您好！有什么可以帮您？|输入消息…|发送|停止|新聊天|复制|重试|正在输入…|已停止|未完成|网络已断开|正在重新连接…|消息过多：请等待 % 秒|暂时无法回答|您|由 AI 回答，可能有误。|隐私|来源|来源 %：|已复制|到底部|新内容|表格",
  "zh-hant":
    "聊天|關閉|您好！有什麼可以幫您？|輸入訊息…|傳送|停止|新聊天|複製|重試|正在輸入…|已停止|未完成|網路已中斷|正在重新連線…|訊息過多：請等待 % 秒|暫時無法回答|您|由 AI 回答，可能有誤。|隱私權|來源|來源 %：|已複製|到最底|新內容|表格",
  he: "צ'אט|סגירה|שלום! איך אפשר לעזור?|כתיבת הודעה…|שליחה|עצירה|צ'אט חדש|העתקה|ניסיון חוזר|כותב…|נעצר|לא הושלם|אין חיבור|מתחבר מחדש…|יותר מדי הודעות: יש להמתין % שנ'|אין תשובה כרגע|אני|בינה מלאכותית עונה ועלולה לטעות.|פרטיות|מקורות|מקור %: |הועתק|לסוף|טקסט חדש|טבלה",
};

/** Everything the panel says, in one language. */
export function sentencesOf(language: Language): Sentences {
  const texts = SENTENCES[language].split("|");
  return Object.fromEntries(NAMES.map((name, index) => [name, texts[index]])) as Sentences;
}
