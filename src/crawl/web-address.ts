import { MAX_ADDRESS_LENGTH } from "../readers/web-address.ts";

/** Either an address that can be asked for, or a sentence for the owner that says why not. */
export type AddressReading =
  | { readonly url: URL; readonly refusal?: undefined }
  | { readonly url?: undefined; readonly refusal: string };

/** Says where a visitor came from, or who he is, and not which page it is. */
const TRACKING =
  /^(?:utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_ga|_gl|_hs\w+|mkt_tok|phpsessid|jsessionid)$/i;
const SESSION_IN_PATH = /;jsessionid=[^/]*$/i;

/**
 * Reads the address of a web page, in the one form that stands for the page: without fragment, default port,
 * tracking parameters and the dot at the end of a name. The host of an international name becomes ASCII.
 * @param base the page on which it stands, when it may be relative
 */
export function readWebAddress(text: string, base?: URL): AddressReading {
  if (text.length > MAX_ADDRESS_LENGTH) {
    return { refusal: `Its address is longer than ${MAX_ADDRESS_LENGTH} characters.` };
  }
  const url = URL.parse(text, base?.href);
  if (url === null) return { refusal: "This is not the address of a web page." };
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { refusal: "Only addresses that begin with https:// or http:// can be read." };
  }
  if (url.username !== "" || url.password !== "") {
    return { refusal: "Its address has a user name or a password in it." };
  }
  const host = url.hostname.replace(/\.+$/, "");
  if (host === "") return { refusal: "This is not the address of a web page." };
  if (host !== url.hostname) url.hostname = host;
  url.hash = "";
  if (SESSION_IN_PATH.test(url.pathname)) {
    url.pathname = url.pathname.replace(SESSION_IN_PATH, "");
  }
  removeTracking(url);
  if (url.href.length > MAX_ADDRESS_LENGTH) {
    return { refusal: `Its address is longer than ${MAX_ADDRESS_LENGTH} characters.` };
  }
  return { url };
}

/** The other parameters stay letter for letter: URLSearchParams would write some of them in another way. */
function removeTracking(url: URL): void {
  if (url.search === "") {
    // A bare "?" stays in href otherwise.
    url.search = "";
    return;
  }
  const pairs = url.search.slice(1).split("&");
  const kept = pairs.filter((pair) => pair !== "" && !TRACKING.test(pair.split("=")[0] ?? ""));
  if (kept.length !== pairs.length) url.search = kept.join("&");
}
