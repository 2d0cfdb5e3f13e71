import type { Recording } from "./report.ts";
export function chart(_recording: Recording): string {
  return "";
}
