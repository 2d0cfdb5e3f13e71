import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";

import { SMTPServer } from "smtp-server";

/** A mail as the server was given it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, as they were sent. */
  readonly raw: string;
  readonly isEncrypted: boolean;
}

/** An answer other than that the server takes it, such as 550. */
interface Refusal {
  readonly status: number;
  readonly says: string;
}

export interface MailServerOptions {
  /** PEM files. Without them, the server offers no TLS. */
  readonly files?: { readonly certificate: string; readonly key: string };
  /** TLS from the first byte on, and not by STARTTLS. */
  readonly isSecure?: boolean;
  /** The only login that is accepted. Without it, none is wanted. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly refuseRecipient?: (address: string) => Refusal | undefined;
  readonly refuseMail?: () => Refusal | undefined;
}

export interface MailServer {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  stop(): Promise<void>;
}

/** A mail server on loopback that keeps what it is given. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { files, isSecure = false, login, refuseRecipient, refuseMail } = options;
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    ...(files && { cert: readFileSync(files.certificate), key: readFileSync(files.key) }),
    secure: isSecure,
    disabledCommands: files === undefined ? ["STARTTLS"] : [],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth({ username, password }, _session, callback) {
      const isRight = username === login?.user && password === login?.password;
      callback(isRight ? null : toError({ status: 535, says: "5.7.8 Wrong password" }), {
        user: username,
      });
    },
    onRcptTo: ({ address }, _session, callback) => callback(toError(refuseRecipient?.(address))),
    onData(stream, { envelope, secure }, callback) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const refusal = toError(refuseMail?.());
        if (refusal !== null) return callback(refusal);
        received.push({
          from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString(),
          isEncrypted: secure,
        });
        callback(null, "2.0.0 queued as 4711");
      });
    },
  });
  // A client that leaves in the middle is not this server's fault.
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function toError(refusal: Refusal | undefined): Error | null {
  if (refusal === undefined) return null;
  return Object.assign(new Error(refusal.says), { responseCode: refusal.status });
}
