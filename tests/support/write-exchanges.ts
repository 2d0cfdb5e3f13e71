import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { storeExchange } from "./stored-turns.ts";

/** A process that shares a database file: bun write-exchanges.ts FILE NAME */

const [file = "", name = ""] = process.argv.slice(2);
const store = openSqliteStore(file);
for (let i = 0; i < 100; i += 1) await storeExchange(store, { sessionId: `${name}-${i % 5}` });
await store.close();
