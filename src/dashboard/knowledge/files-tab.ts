import { MAX_UPLOADED_FILES } from "../../knowledge/entry-limits.ts";
import { uploadFile } from "../../knowledge/upload-file.ts";
import { TEXT_ENDINGS } from "../../readers/readers.ts";
import { field } from "../field.ts";
import { type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { KNOWLEDGE_PATH, type KnowledgeTab, type TabView } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

const FILES_PATH = `${KNOWLEDGE_PATH}/files`;
/** A problem that is none of a file. */
const NO_FILE = "files";

/** Text files that the owner uploads. Each becomes a source. */
export function createFilesTab(deps: TabsDeps): KnowledgeTab {
  return {
    id: "files",
    name: "Files",
    page: (view) => ({ title: "Files", body: filesBody(view, deps.link(FILES_PATH)) }),
    async submit({ files }) {
      const chosen = files.filter(({ name, size }) => name !== "" || size > 0);
      if (chosen.length === 0) return again([[NO_FILE, "No file was chosen."]]);
      const problems: [string, string][] = [];
      for (const file of chosen) {
        const { name, problem } = await uploadFile(deps, file);
        if (problem !== undefined) problems.push([name, problem]);
      }
      if (problems.length > 0) return again(problems);
      return { kind: "done", path: KNOWLEDGE_PATH, says: "uploaded" };
    },
  };
}

function again(problems: readonly (readonly [string, string])[]) {
  return { kind: "again", status: 400, problems: new Map(problems) } as const;
}

function filesBody({ session, problems }: TabView, path: string): Html {
  const ofFiles = [...problems].filter(([name]) => name !== NO_FILE && name !== "");
  return html`${
      ofFiles.length > 0 &&
      html`<div class="notice bad" role="alert">
        <p>Some files were not read. Those that are not listed here were.</p>
        <ul>
          ${ofFiles.map(([name, problem]) => html`<li><bdi>${name}</bdi>: ${problem}</li>`)}
        </ul>
      </div>`
    }
    <section class="card">
      <h2>Text files</h2>
      <p class="hint">
        Markdown, HTML, plain text, CSV with a question and an answer in each row, JSONL, or a
        WordPress export. A file replaces an earlier one of the same name.
      </p>
      <form
        method="post"
        action="${path}"
        enctype="multipart/form-data"
        class="stack"
        data-busy="Reading…"
      >
        ${formToken(session)}
        ${field({
          name: "files",
          label: "Files",
          problem: problems.get(NO_FILE),
          hint: `Up to ${MAX_UPLOADED_FILES} files, 2 MB in total.`,
          control: (attributes) =>
            html`<input
              type="file"
              multiple
              required
              accept="${TEXT_ENDINGS.map((ending) => `.${ending}`).join(",")}"
              ${attributes}
            />`,
          takesFocus: false,
        })}
        <p class="buttons"><button class="primary">Upload</button></p>
      </form>
    </section>
    <section class="card">
      <h2>Other files, and folders</h2>
      <p>
        PDF, Word, Notion exports, large files and whole folders are read from the command line,
        also while the server runs:
      </p>
      <pre>
chatporch learn handbook.pdf
chatporch learn ./docs</pre>
    </section>`;
}
