import type { SecretStore } from "../store.ts";
import type { Pool } from "./pool.ts";

export function createSecrets(pool: Pool): SecretStore {
  return {
    async secret(name, make) {
      const find = () =>
        pool.query<{ value: string }>("SELECT value FROM secrets WHERE name = $1", [name]);
      const [known] = await find();
      if (known) return known.value;
      // Another replica may be making one, too: the first one counts.
      await pool.query("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
        name,
        make(),
      ]);
      const [stored] = await find();
      if (!stored) throw new Error(`The secret ${name} could not be stored.`);
      return stored.value;
    },
  };
}
