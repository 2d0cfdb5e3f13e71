import { Elysia } from "elysia";

import { ASSETS } from "./assets.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";

/** Style, script and icon: open, because the login page needs them, and they tell nothing. */
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
