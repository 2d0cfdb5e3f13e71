import type { NewPassword } from "../owner-password-store.ts";
import { openBesideServer } from "./open-beside-server.ts";
import { createOwnerPassword } from "./owner-password.ts";

/**
 * Changes the owner's password in a database file, also while a server uses it. Where there is none, it is made as a
 * start would make it.
 * @throws NewerSchemaError, or an error that says why that is not possible
 */
export async function changePasswordInFile(path: string, password: NewPassword): Promise<void> {
  const db = await openBesideServer(path);
  try {
    const store = createOwnerPassword(db, async (work) => db.transaction(work).immediate());
    await store.changeOwnerPassword(password);
  } finally {
    db.close();
  }
}
