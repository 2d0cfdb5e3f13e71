import type { Words } from "../words.ts";

/** Spanish; en.ts says what the keys and % stand for. */
export const ES: Words = {
  good: "Útil",
  bad: "Poco útil",
  why: "¿Qué estaba mal?",
  wrong: "Incorrecta",
  incomplete: "Incompleta",
  offTopic: "No viene al caso",
  other: "Otra cosa",
  comment: "Más detalles (opcional)",
  left: "Quedan % caracteres",
  thanks: "¡Gracias!",
  close: "Cerrar",

  person: "Hablar con una persona",
  contact: "Correo o teléfono",
  another: "Usar otro",
  note: "¿De qué se trata? (opcional)",
  along: "La pregunta también se envía.",
  consent: "Al enviar esto, acepto que se use para responderme.",
  privacy: "Privacidad",
  send: "Enviar",
  cancel: "Cancelar",
  mailed: "Una persona escribirá a %.",
  called: "Una persona llamará al %.",

  open: "Ahora hay alguien disponible.",
  opens: "Disponible de nuevo: %.",
  hours: "Horario: %",
  closed: "cerrado",

  here: "% está aquí.",
  writing: "% está escribiendo…",
  away: "El asistente vuelve a responder.",

  contactWrong: "No es ni un correo ni un número de teléfono.",
  unsent: "No se pudo enviar. Inténtelo de nuevo.",
  tooMany: "Ya se pidió varias veces hoy. Inténtelo de nuevo mañana.",
  off: "Ahora no se puede contactar aquí con nadie.",
};
