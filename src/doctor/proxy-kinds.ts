/** What to write into a proxy's configuration, in one or two lines each. */
interface Advice {
  /** Makes the proxy pass a stream on without delay. */
  readonly streaming: string;
  /** Makes the proxy add the visitor's address to X-Forwarded-For. */
  readonly forwardedFor: string;
  /** Makes the proxy pass the Host header on unchanged. */
  readonly host: string;
  /** Keeps a silent stream open for longer than the interval of heartbeats. */
  readonly silence: string;
}

/** A proxy that names itself in its answers. */
export interface ProxyKind extends Advice {
  readonly name: string;
  /** The headers in which it names itself, and how. */
  readonly signs: Readonly<Record<string, RegExp>>;
  /** A CDN is in front of all other proxies, and keeps the entries of X-Forwarded-For that were sent. */
  readonly isCdn?: true;
}

const PROXY_KINDS: readonly ProxyKind[] = [
  {
    name: "nginx",
    signs: { server: /nginx|openresty/i },
    streaming:
      "proxy_buffering off; proxy_http_version 1.1; and no gzip of text/event-stream, nor proxy_cache.",
    forwardedFor: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    host: "proxy_set_header Host $http_host;",
    silence: "proxy_read_timeout 120s;",
  },
  {
    name: "Caddy",
    signs: { server: /^caddy/i, via: /\bcaddy\b/i },
    streaming: "it streams by itself: remove response_buffers and buffer_responses.",
    forwardedFor:
      "it adds the address by itself: remove header_up lines for X-Forwarded-For, and name a proxy in front in trusted_proxies.",
    host: "remove header_up lines for Host.",
    silence:
      "remove read_timeout, response_header_timeout and stream_timeout, or set them to 120s.",
  },
  {
    name: "Apache",
    signs: { server: /^apache/i },
    streaming: "no mod_deflate and no mod_cache for this site.",
    forwardedFor: "ProxyAddHeaders On",
    host: "ProxyPreserveHost On",
    silence: "ProxyPass / http://127.0.0.1:4000/ timeout=120",
  },
  {
    name: "lighttpd",
    signs: { server: /^lighttpd/i },
    streaming: "server.stream-response-body = 1",
    forwardedFor: "mod_proxy adds the address by itself: remove what unsets X-Forwarded-For.",
    host: "remove host-replacing entries of proxy.header.",
    silence: "raise read-timeout of proxy.server, or remove it.",
  },
  {
    name: "Varnish",
    signs: { via: /varnish/i, "x-varnish": /./ },
    streaming: "return (pass); in vcl_recv, and no `set beresp.do_stream = false`.",
    forwardedFor: "it adds the address by itself: remove `unset req.http.X-Forwarded-For`.",
    host: "remove `set req.http.Host`.",
    silence: ".first_byte_timeout = 120s; .between_bytes_timeout = 120s; in the backend.",
  },
  {
    name: "Cloudflare",
    isCdn: true,
    signs: { server: /^cloudflare/i, "cf-ray": /./ },
    streaming: "no cache rule and no response buffering for this host name.",
    forwardedFor: "it adds the address by itself: remove transform rules for X-Forwarded-For.",
    host: "remove the origin rule that overrides the Host header.",
    silence: "its limit is 100 s, so another proxy has cut the stream.",
  },
  {
    name: "CloudFront",
    isCdn: true,
    signs: { via: /cloudfront/i, "x-amz-cf-id": /./ },
    streaming: "the cache policy CachingDisabled, without compression.",
    forwardedFor: "it adds the address by itself: remove functions that change X-Forwarded-For.",
    host: "the origin request policy AllViewer.",
    silence: "raise the origin response timeout to 60 s or more.",
  },
];

/** For proxies that do not name themselves. */
const UNNAMED: Advice = {
  streaming:
    "HAProxy: option http-no-delay. Traefik: no buffering and no compress middleware.\n" +
    "Others: switch response buffering and compression off for /v1/chat and /chat.",
  forwardedFor:
    "HAProxy: option forwardfor. Others: append the address of the connection to X-Forwarded-For.",
  host: "Have the proxy pass Host on unchanged.",
  silence:
    "HAProxy: timeout server 120s and timeout client 120s. Others: raise the time-out for reading.",
};

/** The proxies that the headers of an answer name. Each appears once. */
export function namedProxies(headers: Headers): ProxyKind[] {
  return PROXY_KINDS.filter(({ signs }) =>
    Object.entries(signs).some(([name, sign]) => sign.test(headers.get(name) ?? "")),
  );
}

/** What to change in the named proxies, one line each. If none is named, the advice for unnamed proxies. */
export function adviceFor(proxies: readonly ProxyKind[], topic: keyof Advice): string {
  if (proxies.length === 0) return UNNAMED[topic];
  return proxies.map((proxy) => `${proxy.name}: ${proxy[topic]}`).join("\n");
}
