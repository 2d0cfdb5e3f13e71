import type { PeopleHost, PeopleSettings } from "../people/contract.ts";

/**
 * Loads the file of ratings and people (people/) once the server's settings or its history say that it is needed. A server
 * that is older than it does neither.
 */
export async function meetPeople(host: PeopleHost): Promise<void> {
  const { apiUrl, conversation, stage } = host;
  const response = await fetch(`${apiUrl}/widget/settings.json`, { credentials: "omit" });
  const { people } = Object(await response.json()) as { people?: unknown };
  const settings = Object(people) as PeopleSettings;
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
