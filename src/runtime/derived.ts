/**
 * Makes something from a value and keeps it, until the value is another one. For what follows from settings: it is
 * made once for each change, and not for each request.
 */
export function derived<From, Made>(read: () => From, make: (from: From) => Made): () => Made {
  let from = read();
  let made = make(from);
  return () => {
    const current = read();
    if (current !== from) {
      made = make(current);
      from = current;
    }
    return made;
  };
}
