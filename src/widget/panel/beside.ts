import type { meetLimit } from "../limits/limits.ts";
import type { CreatePeople } from "../people/contract.ts";
import type { adviceOn } from "./advice.ts";
import type { CodeColours } from "./colours.ts";
import type { awaitGreeting } from "./greeting.ts";
import type { meetPeople } from "./meet-people.ts";
import type { showPreview } from "./preview.ts";
import type { listSources } from "./source-list.ts";
import type { LoadSentences } from "./speech.ts";
import type { saveTranscript } from "./transcript.ts";

/** What the files beside the panel export. The server may have other versions of them by now. */
interface Beside extends CodeColours {
  readonly sentences?: Awaited<ReturnType<LoadSentences>>;
  readonly adviceOn?: typeof adviceOn;
  readonly awaitGreeting?: typeof awaitGreeting;
  readonly meetPeople?: typeof meetPeople;
  readonly saveTranscript?: typeof saveTranscript;
  readonly listSources?: typeof listSources;
  readonly createPeople?: CreatePeople;
  readonly meetLimit?: typeof meetLimit;
  readonly showPreview?: typeof showPreview;
}

/** Gives the file of that name beside the panel's: a language's, `extras`, `limits`, `preview`, `sources`, or `people.` and a language. */
export type LoadBeside = (name: string) => Promise<Beside>;
