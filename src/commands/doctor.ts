import { examine } from "../doctor/examine.ts";
import { type DoctorOptions, DoctorUsageError, readDoctorOptions } from "../doctor/options.ts";
import {
  createEmbeddingModel,
  createModel,
  inspectBus,
  inspectDatabase,
  inspectDatabaseServer,
  inspectKnowledge,
  inspectServer,
  probeChannel,
} from "../parts.ts";
import { connectDirectly } from "./environment.ts";
import { settingsOrProblems } from "./settings.ts";
import { createOutput, usageError } from "./terminal.ts";

/** Checks everything that a server needs. A server may be running. */
export async function doctor(words: readonly string[]): Promise<number> {
  let options: DoctorOptions;
  try {
    options = readDoctorOptions(words);
  } catch (error) {
    if (!(error instanceof DoctorUsageError)) throw error;
    return usageError("chatporch doctor", error.message);
  }

  const output = createOutput();
  const isContent = await examine({
    settings: await settingsOrProblems(),
    ...options,
    inspectDatabase,
    inspectServers: {
      probeDatabase: inspectServer,
      inspectDatabase: inspectDatabaseServer,
      inspectBus,
    },
    inspectKnowledge,
    createModel: (config, notify) => createModel(config.model, notify),
    createEmbeddings: ({ knowledge, model }) => createEmbeddingModel(knowledge.embedding, model),
    probeChannel: ({ notices }, name, signal) => probeChannel(notices, name, signal),
    connectDirectly,
    write: output.write,
    isTerminal: process.stdout.isTTY === true,
    now: Date.now,
  });
  await output.flush();
  return isContent ? 0 : 1;
}
