import type { RunningServer, Settings } from "../../harness/process.ts";
import { storeShop } from "../../harness/store-shop.ts";
import { startFilled } from "./owner-browser.ts";

/** A server whose database has the twenty conversations of the shop. */
export function startShop(settings: Settings = {}): Promise<RunningServer> {
  return startFilled(storeShop, settings);
}
