import { databaseIn, KEYS } from "../../harness/chat-requests.ts";
import {
  type RunningServer,
  type Settings,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { storeShop } from "../../harness/store-shop.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { OWNER_PASSWORD } from "./owner-browser.ts";

/** A server whose database has the twenty conversations of the shop. Its owner opens many pages a minute. */
export async function startShop(settings: Settings = {}): Promise<RunningServer> {
  const folder = temporaryFolder();
  const store = openSqliteStore(databaseIn(folder));
  await storeShop(store);
  await store.close();
  const defaults = { ...KEYS, DASHBOARD_PASSWORD: OWNER_PASSWORD, RATE_LIMIT_MAX_REQUESTS: "5000" };
  return startChatporch({ ...defaults, ...settings }, folder);
}
