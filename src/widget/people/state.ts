import type { Message, PeopleHost } from "./contract.ts";

/** A visitor's request for a person, as the server says it. */
export interface Request {
  readonly isOpen: boolean;
  /** Shortened by the server: `a…@example.com`. */
  readonly contact: string;
  /** Undefined where the owner promises no hours. */
  readonly isOpenNow: boolean | undefined;
  /** In milliseconds since 1970. */
  readonly opensAt: number | undefined;
}

/** Who answers in a conversation besides the model. */
export interface PersonState {
  readonly isHere: boolean;
  readonly name: string;
  readonly request: Request | undefined;
  /** When people are there, as the owner writes it: `Mo-Fr 09:00-17:00 Europe/Berlin`. */
  readonly hours: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Takes what has the right form and leaves out the rest. */
export function readPerson(value: unknown): PersonState {
  const { isHere, name, request, hours } = Object(value) as Fields;
  return {
    isHere: isHere === true,
    name: textOf(name) ?? "",
    request: readRequest(request),
    hours: textOf(hours),
  };
}

export function readRequest(value: unknown): Request | undefined {
  const { isOpen, contact, isOpenNow, opensAt } = Object(value) as Fields;
  if (typeof contact !== "string") return undefined;
  return {
    isOpen: isOpen !== false,
    contact,
    isOpenNow: typeof isOpenNow === "boolean" ? isOpenNow : undefined,
    opensAt: Number(opensAt) || undefined,
  };
}

/** Undefined for what is no text, and for an empty one. */
export function textOf(value: unknown): string | undefined {
  return (typeof value === "string" && value) || undefined;
}

/** The id of the turn that a message belongs to. Undefined: not known. */
export function turnIdOf({ stored }: Message): string | undefined {
  return textOf(stored?.turnId);
}

/** Whether a person has written the message. */
export function isOfPerson({ stored }: Message): boolean {
  return !!stored?.author;
}

/** The questions that the server has not taken since it answered last, at one of its limits. */
export interface Refused {
  /** The last of them's answer, which failed. */
  readonly answer: Message;
  readonly questions: readonly string[];
}

/** Undefined: the last question was taken, or failed for another reason. */
export function refusedIn(messages: readonly Message[]): Refused | undefined {
  const answer = messages.at(-1);
  if (!answer?.code || answer.status !== "failed") return undefined;
  const isTaken = ({ role, status }: Message) => role === "assistant" && status !== "failed";
  const since = messages.slice(messages.findLastIndex(isTaken) + 1);
  const questions = since.filter(({ role, stored }) => role === "user" && !stored);
  return { answer, questions: questions.map(({ text }) => text) };
}

/** A rating as it is sent. */
export interface Rating {
  readonly rating: "positive" | "negative" | null;
  readonly reasons?: readonly string[];
  readonly comment?: string;
}

/** What a form holds that was not sent yet. */
export interface Draft {
  readonly reasons: Set<string>;
  text: string;
  isSending: boolean;
}

/**
 * What stays when another view of the same panel takes the place of the one before. With another language, that one has
 * another file, perhaps of another version.
 */
export interface Memory {
  /** Of this interface. */
  readonly version: 1;
  /** What was rated since the history was read last, by what is stored of the answer. */
  readonly rated: WeakMap<object, string | null>;
  /** Forms below answers. */
  readonly whys: WeakMap<Message, Draft>;
  /** What a visitor has typed for a person, and not sent. */
  form: { contact: string; note: string };
  isFormOpen: boolean;
  /** The refused question for which the form was opened. */
  offeredFor?: Message | undefined;
  /** The messages of people that the page was told of, by their ids. */
  readonly seen: Set<unknown>;
}

/** The memory of the panel, and whether it is a new one. */
export function memoryOf({ conversation }: PeopleHost): { memory: Memory; isNew: boolean } {
  const known = conversation.memory as Memory | undefined;
  if (known?.version === 1) return { memory: known, isNew: false };
  const memory: Memory = {
    version: 1,
    rated: new WeakMap(),
    whys: new WeakMap(),
    form: { contact: "", note: "" },
    isFormOpen: false,
    seen: new Set(),
  };
  conversation.memory = memory;
  return { memory, isNew: true };
}
