import { createDocumentTab } from "./document-tab.ts";
import { createFilesTab } from "./files-tab.ts";
import { createNotesTab } from "./notes-tab.ts";
import { createQuestionsTab } from "./questions-tab.ts";
import { createSourcesTab } from "./sources-tab.ts";
import type { KnowledgeTab } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";
import { createTryTab } from "./try-tab.ts";

/** The pages about what the bot knows, in the order of the navigation. */
export function createTabs(deps: TabsDeps): readonly KnowledgeTab[] {
  return [
    createSourcesTab(deps),
    createQuestionsTab(deps),
    createNotesTab(deps),
    createFilesTab(deps),
    createTryTab(deps),
    createDocumentTab(deps),
  ];
}
