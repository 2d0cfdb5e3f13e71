import { join } from "node:path";

import { $ } from "bun";

/** Files of an authority that nobody knows, and of certificates for servers on this machine. */
export interface PrivateAuthority {
  readonly ca: string;
  readonly key: string;
  /** For localhost. */
  readonly good: string;
  /** For another name. */
  readonly misnamed: string;
  /** For localhost, until yesterday. */
  readonly expired: string;
  /** For localhost, signed by itself. */
  readonly selfSigned: string;
}

/** Made by openssl, in the given folder. */
export async function makeAuthority(folder: string): Promise<PrivateAuthority> {
  const file = (name: string) => join(folder, name);
  const [ca, caKey, key, request] = [file("ca.pem"), file("ca.key"), file("key.pem"), file("csr")];
  const make = $.cwd(folder);
  await make`openssl req -x509 -newkey rsa:2048 -nodes -keyout ${caKey} -out ${ca} -days 30 -subj /CN=chatporch-test-authority`.quiet();
  await make`openssl req -newkey rsa:2048 -nodes -keyout ${key} -out ${request} -subj /CN=localhost`.quiet();

  async function sign(name: string, host: string, days: number): Promise<string> {
    const [out, extensions] = [file(`${name}.pem`), file(`${name}.ext`)];
    await Bun.write(extensions, `subjectAltName=DNS:${host}\n`);
    await make`openssl x509 -req -in ${request} -CA ${ca} -CAkey ${caKey} -CAcreateserial -out ${out} -days ${days} -extfile ${extensions}`.quiet();
    return out;
  }

  const selfSigned = file("self-signed.pem");
  await make`openssl req -x509 -key ${key} -out ${selfSigned} -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost`.quiet();
  return {
    ca,
    key,
    good: await sign("good", "localhost", 30),
    misnamed: await sign("misnamed", "other.example", 30),
    expired: await sign("expired", "localhost", -1),
    selfSigned,
  };
}
