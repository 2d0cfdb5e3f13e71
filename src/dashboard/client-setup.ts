import { previewAttributes } from "./settings/widget-attributes.ts";
import {
  type Attributes,
  attributesOf,
  elementAttribute,
  FIELD_NAMES,
  readOptions,
} from "./setup/options.ts";
import { scriptTag, TAG_KINDS } from "./setup/tags.ts";

/** Shows each change of the options at once: in the preview, in the texts to copy and in the page's address. */
export function followOptions(form: HTMLFormElement): void {
  for (const picker of form.querySelectorAll<HTMLInputElement>("[data-picker]")) {
    picker.hidden = false;
    const text = form.querySelector<HTMLInputElement>(`[name=${picker.dataset.picker}]`);
    picker.addEventListener("input", () => {
      if (text) text.value = picker.value;
    });
    text?.addEventListener("input", () => {
      if (/^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value;
    });
  }
  form.addEventListener("input", () => show(form));
}

function show(form: HTMLFormElement): void {
  const entered = [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" && value.trim() !== "" ? [[name, value]] : [],
  );
  const query = new URLSearchParams(entered);
  const { fields, problems } = readOptions(query);
  const attributes = attributesOf(fields, problems);
  showPreview(attributes);
  showTags(attributes);
  for (const name of FIELD_NAMES) showProblem(form, name, problems[name]);
  history.replaceState(null, "", `${location.pathname}?${query}`);
}

/** Shows the widget's texts and looks while they are entered, before they are saved. */
export function followWidgetForm(form: HTMLFormElement): void {
  const preview = document.querySelector("[data-preview]");
  form.addEventListener("input", () => {
    const entered = new FormData(form);
    const textOf = (name: string) => entered.get(name)?.toString();
    for (const [name, value] of previewAttributes(textOf)) preview?.setAttribute(name, value);
  });
}

function showPreview(attributes: Attributes): void {
  const preview = document.querySelector("[data-preview]");
  if (!preview) return;
  const wanted = new Map(
    attributes.flatMap(([name, value]) => {
      const own = elementAttribute(name);
      return own === undefined ? [] : [[own, value] as const];
    }),
  );
  for (const name of preview.getAttributeNames()) {
    if (!wanted.has(name) && !/^api-key$|^data-/.test(name)) preview.removeAttribute(name);
  }
  for (const [name, value] of wanted) preview.setAttribute(name, value);
}

function showTags(attributes: Attributes): void {
  const tags = document.querySelector<HTMLElement>("[data-tags]");
  const { src = "", key = "", pinned = "[]" } = tags?.dataset ?? {};
  const all: Attributes = [["data-api-key", key], ...attributes];
  for (const { id, text } of TAG_KINDS) setText(`tag-${id}`, text(src, all));
  const [pinnedSrc = "", integrity = ""]: string[] = JSON.parse(pinned);
  setText(
    "pinned",
    scriptTag(pinnedSrc, [["integrity", integrity], ["crossorigin", "anonymous"], ...all]),
  );
}

function setText(id: string, text: string): void {
  const code = document.querySelector(`#${id} code`);
  if (code) code.textContent = text;
}

/** Without an announcement: the value is being typed, and not wrong yet. */
function showProblem(form: HTMLFormElement, name: string, problem: string | undefined): void {
  const control = form.querySelector<HTMLElement>(`#${name}`);
  let note = form.querySelector<HTMLElement>(`#problem-${name}`);
  if (!control || (problem === undefined && !note)) return;
  if (!note) {
    note = document.createElement("p");
    note.id = `problem-${name}`;
    note.className = "problem";
    control.closest(".field")?.append(note);
  }
  note.textContent = problem ?? "";
  if (problem === undefined) control.removeAttribute("aria-invalid");
  else control.setAttribute("aria-invalid", "true");
}
