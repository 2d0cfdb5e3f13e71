/** Remembers from page to page, in this tab, whether the visitor has the panel open. */
export interface OpenMemory {
  /** Undefined when the visitor has neither opened nor closed it, or on a screen that it would fill. */
  wasOpen(): boolean | undefined;
  keep(isOpen: boolean): void;
}

export function createOpenMemory(apiUrl: string): OpenMemory {
  const name = `chatporch:open:${apiUrl}`;
  return {
    wasOpen() {
      try {
        const value = sessionStorage.getItem(name);
        if (value === "yes" && matchMedia("(max-width: 520px), (max-height: 480px)").matches) {
          return undefined;
        }
        return value === null ? undefined : value === "yes";
      } catch {
        // Blocked: every page begins as the script tag says.
        return undefined;
      }
    },
    keep(isOpen) {
      try {
        sessionStorage.setItem(name, isOpen ? "yes" : "no");
      } catch {
        // As above.
      }
    },
  };
}
