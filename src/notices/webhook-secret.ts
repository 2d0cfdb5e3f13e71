import type { NoticeSettings } from "../config/notices.ts";
import type { SecretStore } from "../store/store.ts";

/** Within the 24 to 64 bytes that Standard Webhooks wants. */
const SECRET_BYTES = 32;

/** What signs the webhooks: the owner's secrets, or the server's own, which all replicas share. */
export async function webhookSecrets(
  { webhook }: NoticeSettings,
  store: SecretStore,
): Promise<readonly string[]> {
  const own = webhook?.secrets ?? [];
  return own.length > 0 ? own : [await store.secret("webhook_secret", makeSecret)];
}

function makeSecret(): string {
  return `whsec_${crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64()}`;
}
