import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import type { ModelInForce } from "../../model/model-in-force.ts";
import type { RedactionInForce } from "../../redaction/redaction.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { RefusedOrigins } from "../../settings/refused-origins.ts";
import type { ConversationStore } from "../../store/conversation-store.ts";
import type { Grounder } from "../../turns/grounder.ts";
import { AnswerTrial, type AnswerTrialDeps } from "./answer-trial.ts";
import { createChangesSection } from "./changes-section.ts";
import { createInstructionsSection } from "./instructions-section.ts";
import { createKeysSection } from "./keys-section.ts";
import { createKnowledgeSection } from "./knowledge-section.ts";
import { createLimitsSection } from "./limits-section.ts";
import { createModelSection } from "./model-section.ts";
import type { ModelTrials } from "./model-trials.ts";
import { createNoticesSection, type NoticesSectionDeps } from "./notices-section.ts";
import { createPasswordSection, type PasswordSectionDeps } from "./password-section.ts";
import { createPeopleSection } from "./people-section.ts";
import { Playground } from "./playground.ts";
import type { SettingsSection } from "./section.ts";
import { createSpendingSection, type SpendingSectionDeps } from "./spending-section.ts";
import { createWebsitesSection } from "./websites-section.ts";
import { createWidgetSection } from "./widget-section.ts";

export interface SectionsDeps
  extends
    PasswordSectionDeps,
    Pick<NoticesSectionDeps, "outbox">,
    Pick<SpendingSectionDeps, "spending" | "published"> {
  readonly config: Config;
  readonly link: Link;
  readonly settings: OwnerSettings;
  readonly refused: Pick<RefusedOrigins, "list" | "forget">;
  readonly model: ModelInForce;
  readonly grounder: Grounder;
  readonly redaction: RedactionInForce;
  readonly trials: ModelTrials;
  readonly store: Pick<ConversationStore, "listConversations"> &
    PasswordSectionDeps["store"] &
    NoticesSectionDeps["store"] &
    SpendingSectionDeps["store"] &
    AnswerTrialDeps["store"];
}

/** The pages of the settings, in the order of a new owner's questions. */
export function createSections(deps: SectionsDeps): readonly SettingsSection[] {
  const { settings } = deps;
  return [
    createModelSection(deps),
    createInstructionsSection({
      settings,
      playground: new Playground(deps),
      trial: new AnswerTrial(deps),
      store: deps.store,
    }),
    createKnowledgeSection(settings),
    createWebsitesSection(deps),
    createWidgetSection(deps),
    createSpendingSection(deps),
    createPeopleSection(deps),
    createNoticesSection(deps),
    createKeysSection(settings),
    createLimitsSection(deps),
    createPasswordSection(deps),
    createChangesSection(settings),
  ];
}
