import { widgetFiles } from "../../../src/assets/widget-files.ts";
import { createChallenges } from "../../../src/proof/challenge.ts";
import { isSolution, parseProof } from "../../../src/proof/solution.ts";

const PAGE = (head: string) => `<!doctype html><title>bench</title><script>${head}</script>
<script src="${widgetFiles.whole.path}" data-api-key="bench" data-open></script>`;
const SESSION_ID = `s_${"b".repeat(22)}`;
const ASKER = { sessionId: SESSION_ID, network: "127.0.0.1" };
const ANSWER = [
  { type: "start", conversationId: "bench", turnId: "bench" },
  { type: "done", conversationId: "bench", message: "Solved.", finishReason: "stop" },
];

/**
 * Serves a page with the widget, whose every question needs a proof of work of the difficulty in force.
 * @param head a script that runs in the page before the widget's
 */
export function serveProofPage(head: string) {
  const { whole } = widgetFiles;
  const challenges = createChallenges({ secret: "bench", now: Date.now });
  let solved = false;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    routes: {
      "/": () => new Response(PAGE(head), { headers: { "content-type": "text/html" } }),
      [whole.path]: () =>
        new Response(whole.source, { headers: { "content-type": "text/javascript" } }),
      "/v1/sessions": () => Response.json({ sessionId: SESSION_ID, sessionToken: "bench" }),
      "/v1/chat/stream": ({ headers }) => {
        const proof = parseProof(headers.get("x-proof") ?? "");
        const issued = proof && challenges.read(proof.token, ASKER);
        solved = !!proof && !!issued && isSolution(proof, issued);
        if (solved)
          return new Response(ANSWER.map((event) => `${JSON.stringify(event)}\n`).join(""));
        const body = { code: "proof_required", challenge: challenges.issue(ASKER) };
        return Response.json(body, { status: 401 });
      },
    },
    fetch: () => new Response(null, { status: 404 }),
  });
  return { server, isSolved: () => solved };
}
