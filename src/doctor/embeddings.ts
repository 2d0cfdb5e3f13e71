import type { EmbeddingSettings } from "../config/knowledge.ts";
import type { EmbeddingModel } from "../model/embedding-model.ts";
import { ModelError } from "../model/model.ts";
import { printable } from "./printable.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "embeddings";
const TIMEOUT_MS = 15_000;

/** Has the model for embeddings make one vector, and looks at its length. No finding where none is set. */
export async function checkEmbeddings(
  model: EmbeddingModel | undefined,
  { model: name, dimensions }: Pick<EmbeddingSettings, "model" | "dimensions">,
): Promise<Finding[]> {
  if (name === undefined) return [];
  if (model === undefined) return [NO_SERVER];
  try {
    const [vector] = await model.embed(["ready"], AbortSignal.timeout(TIMEOUT_MS));
    const length = vector?.length ?? 0;
    const asked = dimensions === undefined ? "" : `, as EMBEDDING_DIMENSIONS asks`;
    const says = `${printable(name)} makes vectors of ${length} numbers${asked}`;
    return [{ mark: "ok", subject: SUBJECT, says }];
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    // Questions are searched by their words meanwhile, so nothing stands still.
    return [{ mark: "warning", subject: SUBJECT, says: printable(error.message), mend: MEND }];
  }
}

const MEND =
  "Until it answers, pages are found by their words alone. The address, the key and the name are EMBEDDING_BASE_URL,\nEMBEDDING_API_KEY and EMBEDDING_MODEL, and the length is EMBEDDING_DIMENSIONS.";

const NO_SERVER: Finding = {
  mark: "warning",
  subject: SUBJECT,
  says: "EMBEDDING_MODEL is set, and no server is known for it",
  mend: "Set EMBEDDING_BASE_URL, or set up the model that answers on a server that has it.",
};
