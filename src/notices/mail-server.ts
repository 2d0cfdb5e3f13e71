import { createTransport, type SendMailOptions } from "nodemailer";

import type { LookUp } from "../net/find-host.ts";
import { formatIpAddress, type IpAddress } from "../net/ip-address.ts";
import { connectAt, nameOf, untilAborted } from "../net/outbound.ts";
import { isPublic } from "../net/public-address.ts";
import { SECOND_MS } from "../runtime/time.ts";
import { DeliveryError } from "./channel.ts";
import { findReceiver } from "./find-receiver.ts";
import { isFaultOfAddress, toMailFault } from "./mail-fault.ts";

export interface MailServerOptions {
  /** `smtp://` or `smtps://` with user, password, host and port. */
  readonly url: string;
  readonly lookUp: LookUp;
  /** Whether the mail server may be inside of a network. */
  readonly allowsPrivate: boolean;
  /** Makes the server's own words fit for people. */
  readonly toWords: (text: string) => string;
  /** Certificates to trust besides the machine's own. */
  readonly ca?: string | undefined;
}

/** What the mail server has taken. */
export interface Submitted {
  /** The recipients that it has refused, while it took others. */
  readonly refused: readonly string[];
  /** Its own words. */
  readonly says: string;
}

/**
 * Gives a mail to the mail server.
 * @throws DeliveryError where it was not taken for any recipient
 */
export type SubmitMail = (mail: SendMailOptions, signal: AbortSignal) => Promise<Submitted>;

/** For all addresses. A mail server may take its time before it says a word. */
const CONNECT_MS = 12 * SECOND_MS;

/**
 * The owner's mail server. It is asked by TLS only, and its certificate must be valid. A server inside of a network often has
 * neither: there, TLS is taken as it is offered.
 */
export function createMailServer(options: MailServerOptions): SubmitMail {
  return (mail, signal) =>
    withServer(options, signal, async (transport) => {
      const { rejected, response } = await transport.sendMail({ ...mail, signal });
      return { refused: rejected, says: options.toWords(response) };
    });
}

/**
 * Connects to the mail server and logs in, and sends no mail.
 * @throws DeliveryError
 */
export async function verifyMailServer(
  options: MailServerOptions,
  signal: AbortSignal,
): Promise<void> {
  await withServer(options, signal, async (transport) => untilAborted(transport.verify(), signal));
}

type Act<T> = (transport: Transport) => Promise<T>;
type Transport = ReturnType<typeof createTransport>;

/** @throws DeliveryError */
async function withServer<T>(
  options: MailServerOptions,
  signal: AbortSignal,
  act: Act<T>,
): Promise<T> {
  try {
    const addresses = await findReceiver(new URL(options.url).hostname, options, signal);
    return await connectAt(addresses, {
      async connect(address, tried) {
        const connectionTimeout = Math.floor(CONNECT_MS / tried);
        const transport = createTransport({ ...placeOf(address, options), connectionTimeout });
        try {
          return await act(transport);
        } finally {
          transport.close();
        }
      },
      isOfAddress: isFaultOfAddress,
    });
  } catch (error) {
    throw error instanceof DeliveryError ? error : toMailFault(error, options.toWords);
  }
}

/** Where and how to connect. The certificate is checked against the name, although the connection is to an address. */
function placeOf(address: IpAddress, { url, ca }: MailServerOptions) {
  const server = new URL(url);
  const { protocol, port, username, password } = server;
  const isSecure = protocol === "smtps:";
  const isTrusted = !isPublic(address);
  const servername = nameOf(server);
  return {
    host: formatIpAddress(address),
    ...(port === "" ? {} : { port: Number(port) }),
    secure: isSecure,
    requireTLS: !isSecure && !isTrusted,
    tls: {
      ...(servername === undefined ? {} : { servername }),
      ...(ca === undefined ? {} : { ca }),
      rejectUnauthorized: isSecure || !isTrusted,
    },
    ...(username === ""
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
