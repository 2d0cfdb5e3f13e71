import type { Words } from "../words.ts";

/** Portuguese; en.ts says what the keys and % stand for. */
export const PT: Words = {
  good: "Útil",
  bad: "Pouco útil",
  why: "O que estava errado?",
  wrong: "Errada",
  incomplete: "Incompleta",
  offTopic: "Fora do assunto",
  other: "Outra coisa",
  comment: "Mais detalhes (opcional)",
  left: "Restam % caracteres",
  thanks: "Obrigado!",
  close: "Fechar",

  person: "Falar com uma pessoa",
  contact: "E-mail ou telefone",
  another: "Usar outro",
  note: "De que se trata? (opcional)",
  along: "A pergunta também é enviada.",
  consent: "Ao enviar, aceito que estes dados sejam usados para responder.",
  privacy: "Privacidade",
  send: "Enviar",
  cancel: "Cancelar",
  mailed: "Uma pessoa vai escrever para %.",
  called: "Uma pessoa vai ligar para %.",

  open: "Há alguém disponível agora.",
  opens: "De volta: %.",
  hours: "Horário: %",
  closed: "fechado",

  here: "% está aqui.",
  writing: "% está escrevendo…",
  away: "O assistente volta a responder.",

  contactWrong: "Não é um e-mail nem um número de telefone.",
  unsent: "Não foi possível enviar. Tente novamente.",
  tooMany: "Já foi pedido várias vezes hoje. Tente novamente amanhã.",
  off: "No momento não é possível falar com ninguém aqui.",
};
