import type { PeopleHost, PeopleSettings } from "../people/contract.ts";

/** What the servers say of ratings and people. It is asked for once a page. */
const told = new Map<string, Promise<PeopleSettings>>();

async function settingsOf(apiUrl: string): Promise<PeopleSettings> {
  const response = await fetch(`${apiUrl}/widget/settings.json`, { credentials: "omit" });
  const { people } = Object(await response.json()) as { people?: unknown };
  return Object(people);
}

/**
 * Loads the file of ratings and people (people/) once the server's settings or its history say that it is needed. A server
 * that is older than it does neither.
 */
export async function meetPeople(host: PeopleHost): Promise<void> {
  const { apiUrl, conversation, stage } = host;
  const asked = told.get(apiUrl) ?? settingsOf(apiUrl);
  told.set(apiUrl, asked);
  // Another view may find what this one could not.
  asked.catch(() => told.delete(apiUrl));
  const settings = await asked;
  let isMet = false;

  async function meet(): Promise<void> {
    isMet = true;
    const { createPeople } = await host.load(`people.${stage.root.lang}`);
    if (!createPeople || host.signal.aborted) return;
    host.people = createPeople(host, settings);
    host.people.update();
  }

  function update(): void {
    const isWanted = settings.ratings === true || /always|poor/.test(`${settings.person}`);
    // An owner may write to visitors who were not offered a person.
    if (!isMet && (isWanted || conversation.person())) meet().catch(String);
  }

  host.people = { update, menu: () => [] };
  update();
}
