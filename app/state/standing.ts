/** How a shown result stands to what is asked for, in words: of the recipe before, of the last valid one, or up to date. */

import { tensorOf } from "../../workers/runs/identity.ts";
import { CANCELLED, type SideResult } from "./results.ts";
import type { Side } from "./types.ts";

export type Standing = "none" | "current" | "coming" | "mistake" | "cancelled" | "waiting";

/** `coming` alone says that a newer result is being computed. */
export function standingOf(result: SideResult): Standing {
  const { shown, wanted, running, problem, draft } = result;
  if (!shown) return "none";
  const current = shown.key === wanted;
  if (running && !current) return "coming";
  if (draft) return "mistake";
  if (current) return "current";
  if (problem === CANCELLED) return "cancelled";
  return problem === null ? "waiting" : "mistake";
}

/** What a chart says of results that are not of what is asked for. */
export interface Stale {
  /** For a corner of a chart. */
  badge: string;
  /** One sentence. */
  words: string;
  /** Something newer is being computed. */
  coming: boolean;
}

/** Says of one side what its charts show; null where that is what is asked for, or nothing. */
export function staleWords(side: Side, result: SideResult): Stale | null {
  const name = side.toUpperCase();
  const standing = standingOf(result);
  if (!result.shown || standing === "current" || standing === "none") return null;
  const { recipe, tensor } = result.shown.report;
  const elsewhere = result.wanted !== null && tensorOf(result.wanted) !== result.shown.request.target.tensor;
  const of = elsewhere ? `${recipe} on ${tensor}` : recipe;
  switch (standing) {
    case "coming":
      return {
        badge: `${name} old: new one on its way`,
        words: `${name} shows ${of}; the new result is on its way.`,
        coming: true,
      };
    case "cancelled":
      return {
        badge: `${name} cancelled: shows ${of}`,
        words: `${name} was cancelled and shows ${of}.`,
        coming: false,
      };
    case "mistake":
      return {
        badge: `${name} last valid: ${of}`,
        words: `${name} has a mistake; what is shown is of ${of}, the last that could be computed.`,
        coming: false,
      };
    default:
      return { badge: `${name} shows ${of}`, words: `${name} shows ${of}, not what its field says.`, coming: false };
  }
}

/** Says which of A and B has no result at all for its mistake; null where neither. */
export function mistakenWords(a: SideResult, b: SideResult): string | null {
  const mistaken = ([a, b] as const).map(
    (r) => !r.shown && !r.running && r.problem !== CANCELLED && (r.draft || r.problem !== null),
  );
  if (mistaken[0] && mistaken[1]) return "A and B have mistakes: neither has a result yet.";
  if (mistaken[0]) return "A has a mistake and no result yet: there is nothing to compare B with.";
  return mistaken[1] ? "B has a mistake and no result yet: there is nothing to compare A with." : null;
}

/** Both sides in one. */
export function staleOf(a: SideResult, b: SideResult, opening: boolean): Stale | null {
  const parts = [staleWords("a", a), staleWords("b", b)].filter((part) => part !== null);
  if (opening && (a.shown || b.shown)) {
    parts.unshift({ badge: "another source is opening", words: "Another source is opening.", coming: true });
  }
  if (parts.length === 0) return null;
  const coming = parts.some((part) => part.coming);
  const all = parts.every((part) => part.badge.endsWith("new one on its way"));
  return {
    badge: all && parts.length > 1 ? "old: new ones on their way" : parts.map((part) => part.badge).join(" · "),
    words: parts.map((part) => part.words).join(" "),
    coming,
  };
}
