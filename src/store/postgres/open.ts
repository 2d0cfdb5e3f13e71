import type { ClusterStore } from "../cluster-store.ts";
import type { DerivedIndex } from "../derived-index.ts";
import { type DayOf, utcDayOf } from "../figures.ts";
import { createLazyKnowledge } from "../lazy-knowledge.ts";
import { createLazyNotices } from "../lazy-notices.ts";
import type { Store } from "../store.ts";
import { createAnswerTests } from "./answer-tests.ts";
import { createClusterStore } from "./cluster-store.ts";
import { REPLICA_CONNECTIONS, SLOW_CONNECTIONS } from "./connections.ts";
import { createConversationReader } from "./conversations.ts";
import { createErasure } from "./erasure.ts";
import { createExport } from "./export.ts";
import { createFigures } from "./figures.ts";
import { createHealth } from "./health.ts";
import { createList } from "./list.ts";
import { LostBeginnings } from "./lost-beginnings.ts";
import { createMarks } from "./marks.ts";
import { migratePostgres } from "./migrate.ts";
import { OwnIndex } from "./own-index.ts";
import { createOwnerPassword } from "./owner-password.ts";
import { createOwnerSessions } from "./owner-sessions.ts";
import { Pool } from "./pool.ts";
import { createRatings } from "./ratings.ts";
import { createRefusedOrigins } from "./refused-origins.ts";
import { createRequests } from "./requests.ts";
import { createSearch } from "./search.ts";
import { createSecrets } from "./secrets.ts";
import { createSettings } from "./settings.ts";
import { createSetupFacts } from "./setup-facts.ts";
import { createSpending } from "./spending.ts";
import { createTakeovers } from "./takeovers.ts";
import { createTurnStore } from "./turns.ts";
import { createUnanswered } from "./unanswered.ts";
import { Vacuum } from "./vacuum.ts";

interface OpenOptions {
  /** How many connections the turns may use. What else there is has four of its own. */
  readonly connections?: number;
  /** Called after every transaction of a turn with its duration. */
  readonly onWrite?: ((durationMs: number) => void) | undefined;
  /** The day that a time is counted to. Default: in UTC. */
  readonly dayOf?: DayOf | undefined;
  /** Makes an empty index of this process's own. Missing: nothing of what the bot knows is found. */
  readonly makeIndex?: (() => Promise<DerivedIndex>) | undefined;
  /** How long a search waits for what that index lacks. */
  readonly searchWaitMs?: number | undefined;
}

/** A visitor waits: a second try fits into the three seconds after which the question is refused. */
const TURNS = { deadlineMs: 1500, budgetMs: 3000 };
/** What the owner looks at may take longer. */
const SLOW = { deadlineMs: 3000, budgetMs: 3000, connections: SLOW_CONNECTIONS };
/**
 * A beat may not wait behind the turns of a busy replica: the others would declare it dead. Nor may a ping: the
 * balancer would send everybody to the others, which are as busy.
 */
const REPLICAS = { deadlineMs: 1500, budgetMs: 1500, connections: REPLICA_CONNECTIONS };

export interface PostgresParts {
  readonly store: Store;
  readonly cluster: ClusterStore;
  readonly knowledge: KnowledgeVersions;
}

/** What the replicas tell each other of what the bot knows. */
export interface KnowledgeVersions {
  /** The listener is called with each version that this process makes. */
  onChange(listener: (version: number) => void): void;
  /** Call it every second with the version that the database has. */
  notice(version: number): void;
}

/**
 * Opens the database and brings its schema up to date.
 * @throws NewerSchemaError, or SQL.PostgresError when the database cannot be used
 */
export async function openPostgresStore(
  url: string,
  {
    connections = 8,
    onWrite,
    dayOf = utcDayOf,
    makeIndex = noIndex,
    searchWaitMs,
  }: OpenOptions = {},
): Promise<PostgresParts> {
  await migratePostgres(url);
  const turns = new Pool(url, { ...TURNS, connections });
  const slow = new Pool(url, SLOW);
  const replicas = new Pool(url, REPLICAS);
  const lost = new LostBeginnings(turns);
  const vacuum = new Vacuum(slow);
  const index = new OwnIndex({ pool: slow, makeIndex, searchWaitMs });
  let announce: (version: number) => void = () => {};
  const onChange = (version: number) => {
    index.changed(version);
    announce(version);
  };
  const hasAny = async (statement: string) => {
    const [row] = await slow.query<{ any: boolean }>(statement);
    return row?.any ?? false;
  };
  const hasSource = () => hasAny(HAS_SOURCE);
  const store: Store = {
    ...createTurnStore({ pool: turns, lost, onWrite, dayOf }),
    ...createConversationReader(turns),
    ...createList({ pool: slow, search: createSearch(slow) }),
    ...createMarks(slow),
    ...createExport(slow),
    ...createErasure({ turns, slow, vacuum }),
    ...createFigures(slow),
    ...createOwnerSessions(turns),
    ...createOwnerPassword(turns),
    ...createSecrets(turns),
    ...createSettings(slow),
    ...createRefusedOrigins(slow),
    ...createSetupFacts(slow),
    ...createHealth({ replicas, slow }),
    ...createUnanswered(slow),
    ...createAnswerTests(slow),
    ...createRatings(turns, dayOf),
    ...createRequests({ turns, slow }),
    ...createTakeovers(turns, dayOf),
    ...createSpending({ turns, slow }),
    ...createLazyKnowledge({
      load: async () =>
        (await import("./knowledge.ts")).openKnowledge({ turns, slow, vacuum, index, onChange }),
      knowledgeSize: () => index.size(),
      hasSource,
      hasWork: hasSource,
    }),
    ...createLazyNotices({
      load: async () => (await import("./notices.ts")).createNotices(slow),
      wantsAny: () => hasAny(WANTS_ANY),
    }),
    // The search index is written with the messages.
    rebuildSearchIndex: async () => ({ isDone: true, builtShare: 1 }),
    searchBuiltShare: async () => 1,
    async close() {
      lost.close();
      index.close();
      vacuum.close();
      await Promise.all([turns.close(), slow.close(), replicas.close()]);
    },
  };
  return {
    store,
    cluster: createClusterStore(replicas, store),
    knowledge: {
      onChange: (listener) => void (announce = listener),
      notice: (version) => index.notice(version),
    },
  };
}

const WANTS_ANY = 'SELECT EXISTS (SELECT 1 FROM notices_wanted) AS "any"';
const HAS_SOURCE = 'SELECT EXISTS (SELECT 1 FROM knowledge_sources) AS "any"';

function noIndex(): Promise<never> {
  throw new Error("This process makes no index.");
}
