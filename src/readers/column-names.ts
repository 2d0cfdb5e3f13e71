/** What a column of a table or a field of an object holds, by the name that owners give it. */
export type ColumnUse = "title" | "text" | "address";

const NAMES: Readonly<Record<ColumnUse, ReadonlySet<string>>> = {
  title:
    namesOf(`question questions q title name prompt frage fragen titel pregunta pergunta título titulo domanda
    titolo titre vraag spørgsmål spørsmål fråga kysymys pytanie tytuł otázka kérdés întrebare soru başlık вопрос
    заголовок питання въпрос ερώτηση 问题 問題 標題 标题 質問 タイトル 질문 제목 คำถาม سؤال שאלה प्रश्न pertanyaan`),
  text: namesOf(`answer answers a text content body response antwort antworten inhalt réponse reponse respuesta texto
    resposta risposta testo antwoord svar vastaus odpowiedź odpověď odpoveď válasz răspuns cevap yanıt ответ текст
    відповідь отговор απάντηση 答案 回答 答え 内容 本文 답변 내용 คำตอบ إجابة جواب תשובה उत्तर jawaban`),
  address: namesOf("url link uri permalink href"),
};

function namesOf(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/).map((name) => name.normalize("NFC")));
}

/** Undefined for a name that says nothing. */
export function useOf(name: string): ColumnUse | undefined {
  const plain = name.trim().toLowerCase().normalize("NFC");
  const uses = ["title", "text", "address"] as const;
  return uses.find((use) => NAMES[use].has(plain));
}
