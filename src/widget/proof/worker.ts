import type { Challenge } from "./challenge.ts";
import { createSolver, FIRST_NUMBER, STEP } from "./solver.ts";

/** A Worker that does not run by then, in milliseconds, was refused by the page's policy. Not every browser says so. */
const PATIENCE_MS = 1000;

/** Pages allow Workers or do not. A browser reports each one that was refused. */
let isRefused = false;

/** What the Worker runs. It says that it runs, and then what it has found. */
function program(): string {
  return `const {seedOf,search}=(${createSolver})();
postMessage(0);
onmessage=({data:{token,parts,bits}})=>postMessage(Array.from({length:parts},(_,part)=>{
const seed=seedOf(token,part);
for(let first=${FIRST_NUMBER};;first+=${STEP}){
const number=search(seed,bits,first);
if(number)return number}}))`;
}

/**
 * Solves a challenge beside the page.
 * @returns the numbers; undefined where the page's policy allows no Worker, and when the signal aborts
 */
export async function solveInWorker(
  challenge: Challenge,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  if (isRefused) return undefined;
  const url = URL.createObjectURL(new Blob([program()], { type: "text/javascript" }));
  try {
    const worker = new Worker(url);
    const numbers = await answerOf(worker, challenge, signal);
    worker.terminate();
    isRefused = !numbers && !signal.aborted;
    return numbers;
  } catch {
    // Some browsers throw, and so does one whose page requires Trusted Types.
    isRefused = true;
    return undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function answerOf(
  worker: Worker,
  challenge: Challenge,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  return new Promise((resolve) => {
    const giveUp = () => resolve(undefined);
    const timer = setTimeout(giveUp, PATIENCE_MS);
    worker.onerror = giveUp;
    worker.onmessage = ({ data }) => {
      clearTimeout(timer);
      if (data) resolve(data);
      else worker.postMessage(challenge);
    };
    signal.addEventListener("abort", giveUp);
  });
}
