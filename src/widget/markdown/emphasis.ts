import { isCjk } from "./address.ts";
import { make, type MarkdownElement, type MarkdownNode } from "./tree.ts";

/** A run of `*`, `_` or `~`, which may begin or end something. */
interface Delimiter {
  readonly mark: string;
  readonly count: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
}

export type Item = MarkdownNode | Delimiter;

/** How deep marks nest. Deeper ones stay text, so that no text can exhaust the stack. */
const MAX_DEPTH = 16;

/** @param before the character before the run, and after it; empty at an end of the text */
export function delimiterOf(run: string, before: string, after: string): Delimiter {
  const mark = run.charAt(0);
  const isLeft = flanks(after, before);
  const isRight = flanks(before, after);
  const isWord = mark === "_";
  return {
    mark,
    count: run.length,
    canOpen: isLeft && (!isWord || !isRight || isPunctuation(before)),
    canClose: isRight && (!isWord || !isLeft || isPunctuation(after)),
  };
}

/** Whether a run belongs to the text on one side of it (CommonMark 6.2). Where words have no spaces, more often than there. */
function flanks(inner: string, outer: string): boolean {
  if (isBlank(inner)) return false;
  return (
    !isPunctuation(inner) || isCjk(inner) || isBlank(outer) || isPunctuation(outer) || isCjk(outer)
  );
}

function isBlank(character: string): boolean {
  return /^\s?$/.test(character);
}

function isPunctuation(character: string): boolean {
  return /[\p{P}\p{S}]/u.test(character);
}

/** What stands behind a run that may still be ended. The first one has no run. */
interface Frame {
  readonly delimiter: Delimiter;
  /** How much of the run is left. */
  count: number;
  children: MarkdownNode[];
  /** How deep marks nest in the children. */
  depth: number;
}

/**
 * Makes elements of what stands between matching runs (CommonMark 6.2, GFM 6.5). The time is linear in the number of items.
 * @param endsOpen whether the text goes on, so that what has begun at its end is shown as if it had ended
 */
export function resolveEmphasis(items: readonly Item[], endsOpen: boolean): MarkdownNode[] {
  const frames: Frame[] = [frameOf({ mark: "", count: 0, canOpen: false, canClose: false })];
  /** By the kind of a closing run: below this frame there is nothing that it could end. */
  const floors = new Map<string, number>();
  const top = () => frames.at(-1) as Frame;

  /** Puts what stands above a frame into that frame, with the runs as text. */
  function flatten(at: number): void {
    const frame = frames[at] as Frame;
    for (const { delimiter, count, children, depth } of frames.splice(at + 1)) {
      frame.children.push(delimiter.mark.repeat(count), ...children);
      frame.depth = Math.max(frame.depth, depth);
    }
  }

  /** Ends as much of the frame's run as possible. Returns how many marks that took. */
  function wrap(at: number, count: number): number {
    flatten(at);
    const frame = frames[at] as Frame;
    const used = frame.count >= 2 && count >= 2 ? 2 : 1;
    const tag = frame.delimiter.mark === "~" ? "del" : used === 2 ? "strong" : "em";
    const made: MarkdownElement = make(tag, frame.children);
    frame.children = [made];
    frame.depth += 1;
    frame.count -= used;
    if (frame.count > 0) return used;
    frames.pop();
    top().children.push(made);
    top().depth = Math.max(top().depth, frame.depth);
    return used;
  }

  function close(closer: Delimiter): number {
    let { count } = closer;
    const kind = `${closer.mark}${closer.canOpen}${closer.count % 3}`;
    let depth = 0;
    for (let at = frames.length - 1; count > 0 && at > (floors.get(kind) ?? 0); at--) {
      const frame = frames[at] as Frame;
      depth = Math.max(depth, frame.depth);
      while (count > 0 && depth < MAX_DEPTH && frames[at] === frame && isMatch(frame, closer)) {
        count -= wrap(at, count);
        depth = Math.max(depth, frame.depth);
      }
    }
    if (count > 0) floors.set(kind, frames.length - 1);
    return count;
  }

  for (const item of items) {
    if (typeof item === "string" || "tag" in item) {
      top().children.push(item);
      continue;
    }
    const left = item.canClose ? close(item) : item.count;
    for (const [kind, floor] of floors) floors.set(kind, Math.min(floor, frames.length - 1));
    if (left === 0) continue;
    if (item.canOpen) frames.push(frameOf(item, left));
    else top().children.push(item.mark.repeat(left));
  }
  while (endsOpen && frames.length > 1) {
    const { delimiter, count, children, depth } = top();
    if (children.length === 0 || depth >= MAX_DEPTH || delimiter.mark === "_") break;
    wrap(frames.length - 1, count);
  }
  flatten(0);
  return top().children;
}

function frameOf(delimiter: Delimiter, count = delimiter.count): Frame {
  return { delimiter, count, children: [], depth: 0 };
}

/** Rules 9 and 10 of CommonMark. */
function isMatch({ delimiter }: Frame, closer: Delimiter): boolean {
  if (delimiter.mark !== closer.mark) return false;
  if (closer.mark === "~") return true;
  const isEither = delimiter.canClose || closer.canOpen;
  const sum = delimiter.count + closer.count;
  return !isEither || sum % 3 !== 0 || (delimiter.count % 3 === 0 && closer.count % 3 === 0);
}
