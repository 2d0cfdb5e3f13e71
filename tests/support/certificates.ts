import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "../../harness/process.ts";

/** Certificates made by openssl, for servers on this machine. */

export const hasOpenssl = Bun.which("openssl") !== null;

export interface CertificateFiles {
  /** PEM; a server's own certificate stands first. */
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Days from today. */
  readonly from?: number;
  readonly to?: number;
  /** Names in the form of subjectAltName. */
  readonly names?: string;
  /** The address of the issuer's certificate, which certificates of public authorities contain. */
  readonly issuerAddress?: string;
  readonly isAuthority?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Makes an authority that no program trusts. */
export class Authority {
  readonly #folder: string;
  readonly files: CertificateFiles;

  constructor() {
    this.#folder = temporaryFolder();
    this.files = makeSelfSigned("Own Authority", {
      isAuthority: true,
    });
  }

  /** Signs a certificate as this authority, or as an intermediate one that it has signed. */
  issue(options: CertificateOptions = {}, by: CertificateFiles = this.files): CertificateFiles {
    const folder = join(this.#folder, crypto.randomUUID());
    mkdirSync(folder);
    const files = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
    const request = join(folder, "request.pem");
    const name = options.isAuthority ? "/CN=Authority in Between" : "/CN=a server";
    const newKey = [...NEW_KEY, "-subj", name, "-keyout", files.key];
    openssl("req", ...newKey, "-out", request);
    const config = join(folder, "openssl.cnf");
    writeFileSync(config, configOf(folder, options));
    writeFileSync(join(folder, "index.txt"), "");
    const { from = -1, to = 60 } = options;
    const dates = ["-startdate", dateIn(from), "-enddate", dateIn(to)];
    const signer = ["-cert", by.certificate, "-keyfile", by.key];
    const out = ["-in", request, "-out", files.certificate, "-notext", "-batch"];
    openssl("ca", "-config", config, ...signer, ...dates, ...out);
    return files;
  }
}

/** Makes a self-signed certificate. */
export function makeSelfSigned(name: string, options: CertificateOptions = {}): CertificateFiles {
  const folder = temporaryFolder();
  const files = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  const extensions = extensionsOf(options).flatMap((line) => ["-addext", line]);
  const newKey = ["-x509", ...NEW_KEY, "-days", String(options.to ?? 60)];
  const out = ["-subj", `/CN=${name}`, "-keyout", files.key, "-out", files.certificate];
  openssl("req", ...newKey, ...out, ...extensions);
  return files;
}

function extensionsOf(options: CertificateOptions): string[] {
  const { names = "IP:127.0.0.1", issuerAddress, isAuthority = false } = options;
  if (isAuthority) return ["basicConstraints=critical,CA:TRUE"];
  const address = issuerAddress ? [`authorityInfoAccess=caIssuers;URI:${issuerAddress}`] : [];
  return [`subjectAltName=${names}`, ...address];
}

function configOf(folder: string, options: CertificateOptions): string {
  return `[ca]
default_ca = own
[own]
new_certs_dir = ${folder}
database = ${folder}/index.txt
default_md = sha256
policy = any
rand_serial = yes
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
${extensionsOf(options).join("\n")}
`;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** The date in openssl's form: 20261125120000Z. */
function dateIn(days: number): string {
  const time = new Date(Date.now() + days * DAY_MS).toISOString();
  return `${time.slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
}

function openssl(...args: string[]): void {
  const { success, stderr } = Bun.spawnSync(["openssl", ...args]);
  if (!success) throw new Error(stderr.toString());
}
