import type { DoneEvent, ShownSource } from "./events.ts";
import type { AnswerSource, Grounding } from "./records.ts";

/** The sources as clients get them. What a source does not have is left out. */
export function shownSources(sources: readonly AnswerSource[]): ShownSource[] {
  return sources.map(({ number, title, heading, url }) => ({
    number,
    title,
    ...(heading === "" ? {} : { heading }),
    ...(url === undefined ? {} : { url }),
  }));
}

interface Grounded {
  readonly grounding?: Grounding | undefined;
  readonly sources?: readonly AnswerSource[] | undefined;
}

type ShownGrounding = Pick<DoneEvent, "grounding" | "sources">;

/** What clients get with an answer: the sources that it names. Nothing for an answer that was given none. */
export function shownGrounding({ grounding, sources }: Grounded): ShownGrounding {
  const cited = sources?.filter(({ isCited }) => isCited);
  return {
    ...(cited === undefined ? {} : { sources: shownSources(cited) }),
    ...(grounding === undefined ? {} : { grounding }),
  };
}
