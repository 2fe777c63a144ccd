import type { WindowReply } from "./window.ts";

/** Replies about one region, each for one recipe or several, become the reply for all of them, in order. */
export function mergeWindows(parts: readonly WindowReply[]): WindowReply {
  const [first] = parts;
  return {
    ...first,
    rms: parts.flatMap((part) => part.rms),
    signed: first.elements ? parts.flatMap((part) => part.signed!) : null,
    codes: first.elements ? parts.flatMap((part) => part.codes!) : null,
  };
}
