import { Elysia } from "elysia";

import { ASSETS } from "./assets.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";

/** Style, script and icon. They need no login, because the login page uses them and they hold no data. */
export function dashboardAssetRoutes() {
  const app = new Elysia({ name: "dashboard-assets", detail: { hide: true } });
  for (const { path, mediaType, content } of ASSETS) {
    app.get(path, ({ set }) => {
      set.headers["content-type"] = mediaType;
      set.headers["cache-control"] = IMMUTABLE;
      return content;
    });
  }
  return app;
}
