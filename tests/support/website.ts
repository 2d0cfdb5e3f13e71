/** A website on an origin of its own, whose page the test sets. */
export function startWebsite() {
  let html = "";
  let headers: Record<string, string> = {};
  /** Scripts of the website, by their paths. */
  const scripts = new Map<string, string>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ url }) {
      const script = scripts.get(new URL(url).pathname);
      if (script) return new Response(script, { headers: { "content-type": "text/javascript" } });
      return new Response(html, {
        headers: { "content-type": "text/html; charset=utf-8", ...headers },
      });
    },
  });
  return {
    origin: server.url.origin,
    scripts,
    show(body: string, more: Record<string, string> = {}) {
      html = `<!doctype html><html lang="en"><head><title>A shop</title><meta name="viewport" content="width=device-width"></head><body><main><h1>A shop</h1><p>With a <button>button</button>.</p></main>${body}</body></html>`;
      headers = more;
    },
    stop: () => server.stop(true),
  };
}

export type Website = ReturnType<typeof startWebsite>;
