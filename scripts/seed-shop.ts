import { existsSync } from "node:fs";

import { storeShop } from "../harness/store-shop.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";

/** Makes a database with twenty conversations of a small shop, to look at. Usage: bun scripts/seed-shop.ts FILE */
const [file] = process.argv.slice(2);
if (file === undefined || file.startsWith("-")) {
  console.error("Usage: bun scripts/seed-shop.ts FILE");
  process.exit(64);
}
if (existsSync(file)) {
  console.error(`${file} exists already. Name a new file.`);
  process.exit(1);
}
const store = openSqliteStore(file);
const ids = await storeShop(store);
await store.close();
console.log(`${ids.length} conversations in ${file}`);
