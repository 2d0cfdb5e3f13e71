import createClient from "openapi-fetch";

import type { components, paths } from "../generated/openapi-typescript.ts";

/** A front-end developer's program that uses an openapi-typescript client. Its types are checked, too. */

type Schemas = components["schemas"];

const { URL: baseUrl = "", WIDGET_KEY = "", ADMIN_KEY = "" } = process.env;
const visitor = createClient<paths>({ baseUrl, headers: { "x-api-key": WIDGET_KEY } });
const owner = createClient<paths>({ baseUrl, headers: { "x-admin-api-key": ADMIN_KEY } });

/** Every reason has a name here: adding a reason without one is a type error. */
function inWords(reason: Schemas["FinishReason"]): string {
  const words: Record<Schemas["FinishReason"], string> = {
    stop: "whole",
    length: "cut",
    content_filter: "filtered",
    stopped: "stopped",
    person: "left to a person",
  };
  return words[reason];
}

const minted = await visitor.POST("/v1/sessions");
if (!minted.data) throw new Error(minted.error.code);
const session: Schemas["MintedSession"] = minted.data;
const header = { "x-session-token": session.sessionToken };

const asked = await visitor.POST("/v1/chat", {
  params: { header: { ...header, "idempotency-key": "once" } },
  body: { sessionId: session.sessionId, message: "Do you ship to Norway?" },
});
if (!asked.data) throw new Error(asked.error.code);
const renewed = asked.response.headers.get("x-session-token") ?? "";

const history = await visitor.GET("/v1/chat/history", {
  params: { query: { sessionId: session.sessionId }, header: { "x-session-token": renewed } },
});
if (!history.data) throw new Error(history.error.code);
const messages: Schemas["VisitorMessage"][] = history.data.messages;

const list = await owner.GET("/v1/admin/conversations", { params: { query: { q: "Norway" } } });
if (!list.data) throw new Error(list.error.code);
const [conversation] = list.data.conversations;
if (!conversation) throw new Error("The list is empty.");

const thread = await owner.GET("/v1/admin/conversations/{id}", {
  params: { path: { id: conversation.id } },
});
const model = thread.data?.messages.find(({ role }) => role === "assistant")?.model;

const csv = await owner.GET("/v1/admin/conversations/export", {
  params: { query: { format: "csv" } },
  parseAs: "text",
});

const refused = await visitor.POST("/v1/chat", {
  body: { sessionId: "no spaces, please", message: "Hi" },
});
const code: Schemas["ErrorCode"] | undefined = refused.error?.code;
const stranger = await createClient<paths>({ baseUrl }).GET("/v1/admin/conversations");

console.log(
  JSON.stringify({
    answer: asked.data.message,
    ended: inWords(asked.data.finishReason),
    history: messages.map(({ role, content, status }) => [role, content, status]),
    total: list.data.total,
    model,
    csv: csv.data?.split("\r\n").length,
    refused: [code, refused.error?.details?.[0]?.path],
    stranger: stranger.error?.code,
  }),
);
