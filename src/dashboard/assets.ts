import { bundleClient } from "../assets/client-bundle.ts" with { type: "macro" };
import icon from "../assets/icon.svg" with { type: "text" };
import { STYLES } from "./styles/styles.ts";

/** A file of the dashboard that is built into the binary. */
interface Asset {
  /** Contains a hash of the content, so a browser may cache the file without checking it again. */
  readonly path: string;
  readonly mediaType: string;
  readonly content: string;
}

function asset(name: string, extension: string, mediaType: string, content: string): Asset {
  const hash = new Bun.CryptoHasher("sha256").update(content).digest("hex").slice(0, 16);
  return { path: `/dashboard/assets/${name}.${hash}.${extension}`, mediaType, content };
}

export const STYLE_ASSET = asset("style", "css", "text/css; charset=utf-8", STYLES);
export const ICON_ASSET = asset("icon", "svg", "image/svg+xml; charset=utf-8", icon);
export const SCRIPT_ASSET = asset(
  "client",
  "js",
  "text/javascript; charset=utf-8",
  bundleClient("./dashboard/client.ts"),
);
/** Only a thread has an answer that is being written, and needs what reads Markdown. */
export const THREAD_SCRIPT_ASSET = asset(
  "thread",
  "js",
  "text/javascript; charset=utf-8",
  bundleClient("./dashboard/client-thread.ts"),
);

export const ASSETS = [STYLE_ASSET, ICON_ASSET, SCRIPT_ASSET, THREAD_SCRIPT_ASSET];
