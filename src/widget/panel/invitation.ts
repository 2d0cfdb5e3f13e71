import type { PeopleHost } from "../people/contract.ts";
import type { LoadBeside } from "./beside.ts";
import { print } from "./print.ts";

/** Called after every rendering. @param isEarly no answer has ended yet */
type RenderPeople = (isEarly: boolean) => void;

/** Returns what shows ratings and people, if there are any: once an answer has ended, they are loaded. */
export function createInvitation(host: PeopleHost, load: LoadBeside): RenderPeople {
  let isMet = false;
  return (isEarly) => {
    if (!isEarly && !isMet) {
      isMet = true;
      load("extras")
        .then(({ meetPeople }) => meetPeople?.(host))
        .catch(print);
    }
    host.people?.update();
  };
}
