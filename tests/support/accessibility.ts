import type { BrowserPage } from "./browser.ts";

/** What assistive technology gets of an element. */
interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly description?: { readonly value: string };
}

interface Nodes {
  readonly nodes: readonly AccessibleNode[];
}

/** Everything on the page: role, name and description of each element, `link: Prices: opens in a new tab`. */
export async function accessibleElements(page: BrowserPage): Promise<string[]> {
  const { nodes } = await page.cdp<Nodes>("Accessibility.getFullAXTree");
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, description }) =>
      [role?.value, name?.value, description?.value].filter(Boolean).join(": "),
    );
}

/** An element of the widget. */
export async function accessibleElement(
  page: BrowserPage,
  selector: string,
): Promise<AccessibleNode | undefined> {
  const { result } = await page.cdp<{ result: { objectId: string } }>("Runtime.evaluate", {
    expression: `document.querySelector("chatporch-widget").shadowRoot.querySelector("${selector}")`,
  });
  const { nodes } = await page.cdp<Nodes>("Accessibility.getPartialAXTree", {
    objectId: result.objectId,
    fetchRelatives: false,
  });
  return nodes[0];
}
