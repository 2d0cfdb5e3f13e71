import { afterEach, describe, expect, test } from "bun:test";

import {
  answer,
  event,
  finishChunk,
  type ModelScript,
  type ModelServer,
  startModelServer,
  tokenChunk,
} from "../../harness/model-server.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { checkModel } from "../../src/doctor/model.ts";
import { createOpenAiModel } from "../../src/model/openai.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function check(env: Env, now = NOW) {
  const config = loadConfig(env, () => "").config;
  if (config.model.kind !== "openai") throw new Error("no server is set");
  const { model } = config;
  return checkModel(async (notify) => createOpenAiModel(model, notify), config, now);
}

function serve(script: ModelScript, lists: Readonly<Record<string, unknown>> = {}): ModelServer {
  server = startModelServer(script);
  server.get = (path) =>
    path in lists ? Response.json(lists[path]) : Response.json({}, { status: 404 });
  return server;
}

const LISTS = {
  "OpenAI's form": { object: "list", data: [{ id: "llama3.2:latest" }, { id: "qwen3" }] },
  "Ollama's form": { models: [{ name: "llama3.2:latest" }, { name: "qwen3" }] },
  "a bare list": [{ id: "llama3.2:latest" }, { id: "qwen3" }],
};

describe("a model's name that its server does not have", () => {
  test.each(Object.entries(LISTS))(
    "is reported with the names that the server has: %s",
    async (_, list) => {
      const refusal = { error: { message: "model 'gpt-6-luna' not found" } };
      const { url } = serve(() => Response.json(refusal, { status: 404 }), { "/v1/models": list });
      const [finding] = await check({ OPENAI_BASE_URL: url });
      expect(finding).toMatchObject({
        mark: "wrong",
        says: expect.stringContaining("model 'gpt-6-luna' not found"),
        mend: "The server has no gpt-6-luna. Set OPENAI_MODEL to one that it has: llama3.2:latest, qwen3",
      });
    },
  );

  test("is reported without texts that are not names, and without hundreds of them", async () => {
    const ids = [
      "\u001b[2Jevil",
      "x".repeat(200),
      7,
      null,
      ...Array.from({ length: 300 }, (_, n) => `m${n}`),
    ];
    const { url } = serve(() => new Response("no", { status: 400 }), {
      "/v1/models": { data: ids.map((id) => ({ id })) },
    });
    const [finding] = await check({ OPENAI_BASE_URL: url });
    expect(finding?.mend).toContain("m0, m1, ");
    expect(finding?.mend).toEndWith("and 288 more");
    expect(finding?.mend).not.toContain("evil");
  });
});

describe("the shutdown date that a model's provider announces", () => {
  const luna = (shutdown: unknown) => ({ "/v1/models/gpt-6-luna": { shutdown_date: shutdown } });

  test.each([
    ["2027-01-14", "gpt-6-luna is shut down by its provider on 2027-01-14, in 50 days."],
    ["2026-11-26T00:00:00Z", "gpt-6-luna is shut down by its provider on 2026-11-26, in 1 day."],
    [
      Date.parse("2027-01-14") / 1000,
      "gpt-6-luna is shut down by its provider on 2027-01-14, in 50 days.",
    ],
    ["2026-11-01", "gpt-6-luna was shut down by its provider on 2026-11-01."],
  ])("is a warning in the last 90 days: %p", async (date, says) => {
    const { url } = serve(answer("Ready."), luna(date));
    const findings = await check({ OPENAI_BASE_URL: url });
    expect(findings).toMatchObject([
      { mark: "ok" },
      { mark: "warning", says, mend: expect.stringContaining("OPENAI_MODEL") },
    ]);
  });

  test.each([null, "2028-01-01", "soon", 1e300, {}])("is not reported: %p", async (date) => {
    const { url } = serve(answer("Ready."), luna(date));
    expect(await check({ OPENAI_BASE_URL: url })).toMatchObject([{ mark: "ok" }]);
  });

  test("is asked for as one part of the path when the model's name has slashes", async () => {
    const paths: string[] = [];
    const { url } = serve(answer("Ready."));
    if (server) {
      server.get = (path) => {
        paths.push(path);
        return Response.json({});
      };
    }
    await check({ OPENAI_BASE_URL: url, OPENAI_MODEL: "org/model" });
    expect(paths).toEqual(["/v1/models/org%2Fmodel"]);
  });
});

describe("the refusal of a model's server", () => {
  test("is shown to the owner shortened, without escape sequences and secrets", async () => {
    const message = `\u001b[31mred\u009b2J \u202eno ${"x".repeat(1000)}`;
    const { url } = serve(() =>
      Response.json({ error: { message: `sk-0123456789-secret ${message}` } }, { status: 400 }),
    );
    const [finding] = await check({ OPENAI_BASE_URL: url, OPENAI_API_KEY: "sk-0123456789-secret" });
    expect(finding?.says).toStartWith(
      "the model refused the request (status 400); it says: “[redacted] [31mred 2J no xxx",
    );
    expect(finding?.says.length).toBeLessThan(400);
    // oxlint-disable-next-line no-control-regex
    expect(finding?.says).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test.each([
    [400, { code: "context_length_exceeded", message: "Too long" }, /SYSTEM_PROMPT/],
    [401, { message: "no" }, /Check OPENAI_API_KEY/],
    [402, { message: "no" }, /balance/],
    [403, { message: "no" }, /what it may use/],
    [404, { message: "The model does not exist" }, /OPENAI_MODEL/],
    [404, { message: "no such page" }, /OPENAI_BASE_URL/],
    [405, { message: "no" }, /OPENAI_BASE_URL/],
    [429, { code: "insufficient_quota", message: "no" }, /balance/],
    [429, { message: "slow down" }, /limits of your account/],
    [400, { code: "model_not_found", message: "no" }, /OPENAI_MODEL/],
    [500, { message: "no" }, /log/],
  ])("with status %i and %j has its own advice", async (status, error, mend) => {
    const headers = { "x-should-retry": "false" };
    const { url } = serve(() => Response.json({ error }, { status, headers }));
    const [finding] = await check({ OPENAI_BASE_URL: url });
    expect(finding).toMatchObject({ mark: "wrong", mend: expect.stringMatching(mend) });
    expect(finding?.says).toContain(`it says: “${error.message}”`);
  });

  test("at an address without /v1 is shown with the advice that most servers want it", async () => {
    const { url } = serve(() => new Response("404 page not found", { status: 404 }));
    const [finding] = await check({ OPENAI_BASE_URL: url.replace("/v1", "") });
    expect(finding?.mend).toContain("most servers want it to end with /v1");
  });
});

test("a server that refuses stream_options is fine, and the doctor says what it refuses", async () => {
  const { url } = serve((call) =>
    "stream_options" in call.body
      ? Response.json({ error: { message: "unknown field stream_options" } }, { status: 400 })
      : answer("Ready.")(call),
  );
  expect(await check({ OPENAI_BASE_URL: url })).toMatchObject([
    { mark: "ok", says: expect.stringContaining("answers, asked without stream_options; first") },
  ]);
});

test("the doctor says where an address of the model redirects to", async () => {
  const { url } = serve(() => Response.redirect("https://models.example.com/v1/chat/completions"));
  const [finding] = await check({ OPENAI_BASE_URL: url });
  expect(finding?.says).toContain("redirects");
  expect(finding?.says).toContain("“https://models.example.com/v1/chat/completions”");
});

describe("the doctor says why a model's server cannot be reached:", () => {
  test("nothing listens there", async () => {
    const [finding] = await check({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1" });
    expect(finding?.says).toBe(
      "the model could not be reached: nothing accepts connections at 127.0.0.1:9",
    );
  });

  test("its name is not known", async () => {
    const [finding] = await check({ OPENAI_BASE_URL: "http://nowhere.invalid/v1" });
    expect(finding?.says).toContain("the name of nowhere.invalid is unknown on this machine");
  });

  test("it closes connections without an answer", async () => {
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data: (socket) => void socket.terminate() },
    });
    const [finding] = await check({ OPENAI_BASE_URL: `http://127.0.0.1:${listener.port}/v1` });
    listener.stop(true);
    expect(finding?.says).toBe(
      `the model could not be reached: 127.0.0.1:${listener.port} closed the connection`,
    );
  });

  test("it is https where http was asked for, and the other way round", async () => {
    const { url } = serve(answer("Ready."));
    const [finding] = await check({ OPENAI_BASE_URL: url.replace("http:", "https:") });
    expect(finding?.says).toMatch(/speaks another protocol|closed the connection/);
  });
});

describe("a model without a proper answer gets no ✓:", () => {
  const DONE = "data: [DONE]\n\n";
  const say = (...parts: readonly string[]) => {
    const { url } = serve((call) => {
      for (const part of parts) call.raw(part);
      call.end();
    });
    return check({ OPENAI_BASE_URL: url });
  };

  test.each([
    ["it breaks off", [tokenChunk("rea")], "cut off"],
    ["it is given up", [tokenChunk("rea"), finishChunk("network_error"), DONE], "network_error"],
    ["its end is not known", [tokenChunk("rea"), finishChunk("cheese"), DONE], "cheese"],
    [
      "it holds an error_code",
      [tokenChunk("rea"), event({ text: "NETWORK ERROR", error_code: 50002 }), DONE],
      "reported an error in its answer (50002)",
    ],
    [
      "it holds an error, whose sentence is shown to the owner",
      [tokenChunk("rea"), event({ error: { message: "out of memory", code: 500 } }), DONE],
      "out of memory",
    ],
    ["it has no word", [finishChunk("stop"), DONE], "without a word"],
    ["it is a thought", [tokenChunk("<think>Hm"), finishChunk("length"), DONE], "output limit"],
    ["it is [DONE]", [DONE], "without a word"],
  ])("%s", async (_name, parts, says) => {
    const [finding] = await say(...parts);
    expect(finding).toMatchObject({ mark: "wrong", says: expect.stringContaining(says) });
    expect(finding?.mend).toBeString();
  });

  test.each([
    ["it is cut by its length", [tokenChunk("Ready"), finishChunk("length"), DONE], "output limit"],
    ["it is filtered", [tokenChunk("Ready"), finishChunk("SAFETY"), DONE], "filter"],
  ])("%s, which is worth a look", async (_name, parts, says) => {
    const [finding] = await say(...parts);
    expect(finding).toMatchObject({ mark: "warning", says: expect.stringContaining(says) });
  });

  test("it stands still, and the advice names the deadline that it missed", async () => {
    const { url } = serve((call) => call.token("rea"));
    const [finding] = await check({ OPENAI_BASE_URL: url, MODEL_IDLE_TIMEOUT_MS: "1000" });
    expect(finding).toMatchObject({
      mark: "wrong",
      says: expect.stringContaining("silent"),
      mend: expect.stringContaining("MODEL_IDLE_TIMEOUT_MS"),
    });
  });

  test("it is a web page, and the advice is about the address", async () => {
    const { url } = serve((call) => {
      call.raw("<!doctype html><title>Log in</title>");
      call.end();
    });
    const [finding] = await check({ OPENAI_BASE_URL: url });
    expect(finding).toMatchObject({
      mark: "wrong",
      says: expect.stringContaining("web page"),
      mend: expect.stringContaining("/v1"),
    });
  });

  test("it begins with a thought that visitors would see, which is worth a look", async () => {
    const { url } = serve(async (call) => {
      void (async () => {
        for (const token of ["They want ", "one word.", "</think>", "Ready."]) {
          call.token(token);
          await Bun.sleep(5);
        }
        call.finish();
      })();
    });
    const [finding] = await check({ OPENAI_BASE_URL: url });
    expect(finding).toMatchObject({ mark: "warning", says: expect.stringContaining("thinks") });
  });
});

test("the doctor waits as long as a visitor would for a model that thinks, and for one that is slow", async () => {
  const { url } = serve((call) => {
    void (async () => {
      const thought = event({ choices: [{ index: 0, delta: { reasoning_content: "Hm" } }] });
      for (let count = 0; count < 6; count += 1) {
        call.raw(thought);
        await Bun.sleep(300);
      }
      for (const token of ["Re", "a", "dy", "."]) {
        call.token(token);
        await Bun.sleep(400);
      }
      call.finish();
    })();
  });
  const deadlines = { MODEL_FIRST_TOKEN_TIMEOUT_MS: "1000", MODEL_IDLE_TIMEOUT_MS: "1000" };
  const [finding] = await check({ OPENAI_BASE_URL: url, ...deadlines });
  expect(finding).toMatchObject({ mark: "ok", says: expect.stringContaining("answers") });
});

test("the doctor's advice after a refusal does not send the owner to the doctor", async () => {
  const { url } = serve(() => Response.json({ error: { message: "No." } }, { status: 400 }));
  const [finding] = await check({ OPENAI_BASE_URL: url });
  expect(finding?.says).toContain("No.");
  expect(finding?.mend).not.toContain("doctor");
});
