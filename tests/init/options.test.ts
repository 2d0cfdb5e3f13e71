import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";

import { ollamaAddress } from "../../src/init/local-servers.ts";
import { readInitOptions } from "../../src/init/options.ts";

test("the options of init say everything that its questions ask", () => {
  const words =
    "--production --website https://a.example --website=https://b.example " +
    "--public-url https://chat.a.example --model-url http://127.0.0.1:8000/v1 --model m " +
    "--openai-key-file key.txt --password-file /run/pw --untried";
  expect(readInitOptions(words.split(" "))).toEqual({
    environment: "production",
    websites: ["https://a.example", "https://b.example"],
    publicUrl: "https://chat.a.example",
    modelUrl: "http://127.0.0.1:8000/v1",
    modelName: "m",
    openAiKeyFile: resolve("key.txt"),
    passwordFile: "/run/pw",
    isUntried: true,
  });
});

const SECRET = "sk-a-real-secret";

describe("wrong options of init are refused in a sentence that repeats no secret", () => {
  test.each([
    [["--openai-key", SECRET], "Name a file that holds it: --openai-key-file FILE"],
    [[`--password=${SECRET}`], "Name a file that holds it: --password-file FILE"],
    [["--model-url", `https://me:${SECRET}@example.com`], "Set OPENAI_BASE_URL in the environment"],
    [[SECRET], "takes options only"],
    [["--wibsite", "https://a.example"], "has no option --wibsite"],
    [[`--token=${SECRET}`], "has no option --token."],
    [["--production", "--development"], "not both"],
    [["--production=yes"], "takes no value"],
    [["--model"], "without value"],
    [["--model", "--untried"], "without value"],
    [["--model", ""], "--model is empty"],
    [["--model", "a", "--model", "b"], "--model is given more than once"],
    [["--openai-key-file", "/dev/stdin"], "must name a file that stays"],
  ])("%p", (words, says) => {
    const read = () => readInitOptions(words);
    expect(read).toThrow(says);
    expect(read).not.toThrow(SECRET);
  });
});

test.each([
  [undefined, "http://127.0.0.1:11434"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  ["[::]:11434", "http://127.0.0.1:11434"],
  [":8000", "http://127.0.0.1:8000"],
  ["gpu.local", "http://gpu.local:11434"],
  ["https://gpu.example.com/", "https://gpu.example.com"],
  ["no address at all", "http://127.0.0.1:11434"],
])("init looks for Ollama where OLLAMA_HOST says: %p", (written, address) => {
  expect(ollamaAddress(written)).toBe(address);
});
