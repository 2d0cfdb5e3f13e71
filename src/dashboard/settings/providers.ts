/** Model servers that speak OpenAI's API. OpenAI's is used where there is no address. */
export const PROVIDERS: readonly { readonly name: string; readonly address: string }[] = [
  { name: "OpenAI", address: "" },
  { name: "Anthropic", address: "https://api.anthropic.com/v1" },
  { name: "DeepSeek", address: "https://api.deepseek.com/v1" },
  { name: "Google Gemini", address: "https://generativelanguage.googleapis.com/v1beta/openai" },
  { name: "Groq", address: "https://api.groq.com/openai/v1" },
  { name: "Mistral", address: "https://api.mistral.ai/v1" },
  { name: "OpenRouter", address: "https://openrouter.ai/api/v1" },
  { name: "Together", address: "https://api.together.xyz/v1" },
  { name: "xAI", address: "https://api.x.ai/v1" },
  { name: "Ollama on this machine", address: "http://127.0.0.1:11434/v1" },
  { name: "LM Studio on this machine", address: "http://127.0.0.1:1234/v1" },
];

/** The choice that leaves the address to the field beside it. */
export const OTHER_PROVIDER = "other";

/** The provider at an address, for the form. */
export function providerOf(address: string): string {
  const bare = address.trim().replace(/\/+$/, "");
  return PROVIDERS.find((each) => each.address === bare)?.address ?? OTHER_PROVIDER;
}
