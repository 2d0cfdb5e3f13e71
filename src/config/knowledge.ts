import { type Cidr, formatIpAddress, parseCidr } from "../net/ip-address.ts";
import { type ModelAddress, type ModelHeaders, readModelAddress } from "./model-headers.ts";
import { EXAMPLE_KEY, readModelKey } from "./model-key.ts";
import { type ModelSettings, withoutUser } from "./model.ts";
import { setOrNot, type SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** `prefer`: what the pages do not hold, the model may answer itself. `strict`: it says that it does not know. */
const KNOWLEDGE_MODES = ["prefer", "strict", "off"] as const;
export type KnowledgeMode = (typeof KNOWLEDGE_MODES)[number];

/** How the bot uses the owner's pages, and how they are read. */
export interface KnowledgeSettings {
  readonly mode: KnowledgeMode;
  /** How many words of them the model is given with a question. 0: none. */
  readonly words: number;
  /** Hours between two readings of a website. */
  readonly refreshHours: number;
  /** Where pages may be read although the address is not on the internet. */
  readonly allowPrivate: PrivatePlaces;
  readonly embedding: EmbeddingSettings;
}

/** Places inside of the owner's own network. */
export interface PrivatePlaces {
  /** In lower case, without ports. */
  readonly hosts: readonly string[];
  readonly cidrs: readonly Cidr[];
}

/** The model that makes vectors of texts. */
export interface EmbeddingSettings {
  /** Undefined: no vectors are made. */
  readonly model: string | undefined;
  /** Undefined: the server of the model that answers. */
  readonly server: EmbeddingServer | undefined;
  /** How many numbers a vector has. Undefined: as many as the model makes. */
  readonly dimensions: number | undefined;
  /** The texts among these settings that must never be shown. */
  readonly secrets: readonly string[];
}

export interface EmbeddingServer {
  readonly apiKey: string | undefined;
  /** The address without user and password. Undefined: OpenAI. */
  readonly baseUrl: string | undefined;
  /** Sent with every request. */
  readonly headers: ModelHeaders;
}

const DEFAULT_WORDS = 1400;
const DEFAULT_REFRESH_HOURS = 24;
/** A year. */
export const MAX_REFRESH_HOURS = 8760;
const EXAMPLE_DIMENSIONS = 1024;

export const KNOWLEDGE: SettingGroup<KnowledgeSettings> = {
  read: readKnowledgeSettings,
  shown: {
    KNOWLEDGE_MODE: ({ mode }) => mode,
    KNOWLEDGE_WORDS: ({ words }) => String(words),
    KNOWLEDGE_REFRESH_HOURS: ({ refreshHours }) => String(refreshHours),
    KNOWLEDGE_ALLOW_PRIVATE: ({ allowPrivate }) => placesText(allowPrivate),
    EMBEDDING_MODEL: ({ embedding }) => embedding.model ?? "none",
    EMBEDDING_BASE_URL: ({ embedding: { server } }) =>
      server === undefined ? "the model’s server" : withoutUser(server.baseUrl),
    EMBEDDING_API_KEY: ({ embedding }) => setOrNot(embedding.server?.apiKey),
    EMBEDDING_DIMENSIONS: ({ embedding }) => String(embedding.dimensions ?? "not sent"),
  },
  secrets: ["EMBEDDING_API_KEY"],
  editable: [
    "KNOWLEDGE_MODE",
    "KNOWLEDGE_WORDS",
    "KNOWLEDGE_REFRESH_HOURS",
    "EMBEDDING_MODEL",
    "EMBEDDING_BASE_URL",
    "EMBEDDING_API_KEY",
    "EMBEDDING_DIMENSIONS",
  ],
};

/** The server that makes vectors. Undefined: no model is set up for it. */
export function embeddingServer(
  embedding: EmbeddingSettings,
  model: ModelSettings,
): EmbeddingServer | undefined {
  if (embedding.model === undefined) return undefined;
  return embedding.server ?? (model.kind === "openai" ? model : undefined);
}

function readKnowledgeSettings(reader: SettingReader): KnowledgeSettings {
  return {
    mode: reader.choice("KNOWLEDGE_MODE", KNOWLEDGE_MODES, "prefer"),
    words: reader.integer("KNOWLEDGE_WORDS", { fallback: DEFAULT_WORDS, min: 0, max: 8000 }),
    refreshHours: reader.integer("KNOWLEDGE_REFRESH_HOURS", {
      fallback: DEFAULT_REFRESH_HOURS,
      min: 1,
      max: MAX_REFRESH_HOURS,
    }),
    allowPrivate: readPrivatePlaces(reader),
    embedding: readEmbeddingSettings(reader),
  };
}

const HOST = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?$/;

function readPrivatePlaces(reader: SettingReader): PrivatePlaces {
  const hosts: string[] = [];
  const cidrs: Cidr[] = [];
  for (const entry of reader.list("KNOWLEDGE_ALLOW_PRIVATE")) {
    const cidr = parseCidr(entry);
    const host = entry.toLowerCase();
    if (cidr !== undefined) cidrs.push(cidr);
    else if (HOST.test(host) && !/^[\d.]+$/.test(host)) hosts.push(host);
    else {
      reader.refuse(
        "KNOWLEDGE_ALLOW_PRIVATE",
        "has an entry that is neither a host, nor an address, nor a range of addresses",
        "intranet.example.com,10.1.0.0/16",
      );
    }
  }
  return { hosts, cidrs };
}

function placesText({ hosts, cidrs }: PrivatePlaces): string {
  const ranges = cidrs.map(
    ({ address, prefixLength }) => `${formatIpAddress(address)}/${prefixLength}`,
  );
  return [...hosts, ...ranges].join(", ") || "none";
}

function readEmbeddingSettings(reader: SettingReader): EmbeddingSettings {
  const apiKey = readModelKey(reader, "EMBEDDING_API_KEY");
  const address = readModelAddress(reader, "EMBEDDING_BASE_URL");
  if (apiKey !== undefined && address.headers.authorization !== undefined) {
    reader.refuse(
      "EMBEDDING_API_KEY",
      "is a second value for Authorization, besides the user in EMBEDDING_BASE_URL: keep one",
      EXAMPLE_KEY,
    );
  }
  return {
    model: reader.word("EMBEDDING_MODEL", "text-embedding-3-small"),
    server: serverOf(apiKey, address),
    dimensions: readDimensions(reader),
    secrets: [...(apiKey === undefined ? [] : [apiKey]), ...address.secrets],
  };
}

/** A key without an address is for OpenAI, as OPENAI_API_KEY is. */
function serverOf(
  apiKey: string | undefined,
  { url, headers }: ModelAddress,
): EmbeddingServer | undefined {
  if (apiKey === undefined && url === undefined) return undefined;
  return { apiKey, baseUrl: url, headers };
}

function readDimensions(reader: SettingReader): number | undefined {
  if (reader.text("EMBEDDING_DIMENSIONS") === undefined) return undefined;
  return reader.integer("EMBEDDING_DIMENSIONS", {
    fallback: EXAMPLE_DIMENSIONS,
    min: 8,
    max: 8192,
  });
}
