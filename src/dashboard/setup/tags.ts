import { html } from "../html.ts";
import type { Attributes } from "./options.ts";

/** The texts to copy for each kind of website. */

interface TagKind {
  readonly id: string;
  readonly name: string;
  /** Where the text goes. */
  readonly hint: string;
  /** @param src the address of the script */
  readonly text: (src: string, attributes: Attributes) => string;
}

export const TAG_KINDS: readonly TagKind[] = [
  {
    id: "html",
    name: "HTML",
    hint: "Paste it into every page, before </body>.",
    text: scriptTag,
  },
  {
    id: "react",
    name: "React",
    hint: "Render <Chat /> once, at the root of your app.",
    text: (src, attributes) => `import { useEffect } from "react";

export function Chat() {
  useEffect(() => {
${indent(scriptElement(src, attributes), 4)}
    return () => script.remove();
  }, []);
  return null;
}`,
  },
  {
    id: "next",
    name: "Next.js",
    hint: "Put it into the root layout, inside <body>.",
    text: (src, attributes) =>
      `import Script from "next/script";\n\n${element("Script", [["src", src], ...attributes], " />")}`,
  },
  {
    id: "vue",
    name: "Vue",
    hint: "Use it once, at the root of your app.",
    text: (src, attributes) => `<script setup>
import { onMounted, onUnmounted } from "vue";

let script;
onMounted(() => {
${indent(scriptElement(src, attributes).replace("const script", "script"), 2)}
});
onUnmounted(() => script.remove());
</script>

<template></template>`,
  },
  {
    id: "wordpress",
    name: "WordPress",
    hint: "Paste it into the footer with a plugin for header and footer code. Exclude it from plugins that combine or delay scripts.",
    text: scriptTag,
  },
];

/** A script tag in HTML, one attribute a line. */
export function scriptTag(src: string, attributes: Attributes): string {
  return element("script", [["src", src], ...attributes], "></script>", ["defer"]);
}

function element(name: string, attributes: Attributes, end: string, flags: readonly string[] = []) {
  const named = attributes.map(([each, value]) => `  ${each}="${html`${value}`.toString()}"`);
  const lines = [...named, ...flags.map((flag) => `  ${flag}`)];
  return [`<${name}`, ...lines, end.trimStart()].join("\n");
}

/** Statements that add the script to the page. */
function scriptElement(src: string, attributes: Attributes): string {
  return [
    `const script = document.createElement("script");`,
    `script.src = ${JSON.stringify(src)};`,
    ...attributes.map(([name, value]) => `script.setAttribute("${name}", ${quoted(value)});`),
    "document.body.append(script);",
  ].join("\n");
}

/** A string of JavaScript that cannot end the script which it is pasted into. */
function quoted(value: string): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function indent(text: string, spaces: number): string {
  return text.replaceAll(/^/gm, " ".repeat(spaces));
}
