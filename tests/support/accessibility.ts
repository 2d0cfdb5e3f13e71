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

interface TreeNode extends AccessibleNode {
  readonly nodeId: string;
  readonly parentId?: string;
  readonly childIds?: readonly string[];
  readonly properties?: readonly { readonly name: string; readonly value: { value?: unknown } }[];
}

/** What only holds others, or looks different. */
const SILENT =
  /^(?:none|generic|paragraph|strong|emphasis|StaticText|InlineTextBox|LineBreak|RootWebArea|ListMarker|log|status)$/;
const STATES = /^(?:disabled|expanded|modal|pressed|level)$/;

/**
 * What a reader of the page comes by, in its order, but for the page's own `main`: role, name, description and states of
 * each element, and what a status says. Moments are `TIME`.
 */
export async function outline(page: BrowserPage): Promise<string[]> {
  const { nodes } = await page.cdp<{ nodes: readonly TreeNode[] }>("Accessibility.getFullAXTree");
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const lines: string[] = [];
  function walk(node: TreeNode | undefined, isStatus: boolean): void {
    const role = node?.role?.value ?? "";
    if (node === undefined || role === "main") return;
    if (isStatus && role === "StaticText") lines.push(`status: ${node.name?.value}`);
    else if (!node.ignored && !SILENT.test(role)) lines.push(lineOf(node));
    const isSaid = role === "status" || (isStatus && role !== "button");
    for (const id of node.childIds ?? []) walk(byId.get(id), isSaid);
  }
  walk(
    nodes.find(({ parentId }) => parentId === undefined),
    false,
  );
  return lines;
}

function lineOf({ role, name, description, properties = [] }: TreeNode): string {
  const states = properties
    .filter(({ name: state, value }) => STATES.test(state) && value.value !== false)
    .map(({ name: state, value }) => ` [${state}${value.value === true ? "" : `=${value.value}`}]`);
  const words = [role?.value, name?.value, description?.value].filter(Boolean).join(": ");
  return words.replace(/^time: .*/, "time: TIME") + states.join("");
}
