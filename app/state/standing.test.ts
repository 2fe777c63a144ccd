import { describe, expect, it } from "vitest";
import type { Report } from "../../kernels/measure/report.ts";
import { requestKey } from "../../workers/runs/identity.ts";
import type { RunRequest } from "../../workers/runs/target.ts";
import { CANCELLED, noResult, type SideResult } from "./results.ts";
import { mistakenWords, staleOf, staleWords, standingOf } from "./standing.ts";

const request = (recipe: string, tensor = "w"): RunRequest => ({
  target: { source: "s", tensor, view: { split: 1, transpose: false } },
  recipe,
  definitions: [],
  backend: null,
});
const shownOf = (recipe: string, tensor = "w") => {
  const asked = request(recipe, tensor);
  return { key: requestKey(asked), request: asked, report: { recipe, tensor } as Report };
};
const side = (part: Partial<SideResult>): SideResult => ({
  ...noResult,
  wanted: requestKey(request("nvfp4")),
  shown: shownOf("nvfp4"),
  ...part,
});
const other = requestKey(request("mxfp4"));

describe("what is shown beside what is asked for", () => {
  it.each<[string, Partial<SideResult>, string]>([
    ["nothing is there", { shown: null, running: true }, "none"],
    ["it is what was asked for", {}, "current"],
    ["it runs", { wanted: other, running: true }, "coming"],
    ["it was cancelled", { wanted: other, problem: CANCELLED }, "cancelled"],
    ["it does not fit", { wanted: other, problem: "no" }, "mistake"],
    ["its text cannot be read", { draft: true }, "mistake"],
    [
      "its text cannot be read, and the one before does not fit",
      { draft: true, wanted: other, problem: "no" },
      "mistake",
    ],
    // What is being computed is the last that could be read: it will come.
    ["its text cannot be read while the one before runs", { draft: true, wanted: other, running: true }, "coming"],
    ["nobody has asked again yet", { wanted: other }, "waiting"],
  ])("%s", (_, part, standing) => expect(standingOf(side(part))).toBe(standing));

  it("says that something is on its way only where it is", () => {
    for (const part of [
      { draft: true },
      { wanted: other, problem: "no" },
      { wanted: other, problem: CANCELLED },
      { wanted: other },
    ]) {
      const words = staleWords("a", side(part))!;
      expect(words.coming).toBe(false);
      expect(`${words.badge} ${words.words}`).not.toMatch(/way/);
      expect(words.badge).toContain("nvfp4");
    }
    expect(staleWords("a", side({ wanted: other, running: true }))).toMatchObject({ coming: true });
    expect(staleWords("a", side({}))).toBeNull();
  });

  it("says which side has a mistake and never had a result", () => {
    const [fine, wrong] = [side({}), side({ shown: null, problem: "no" })];
    expect(mistakenWords(wrong, fine)).toBe("A has a mistake and no result yet: there is nothing to compare B with.");
    expect(mistakenWords(fine, side({ shown: null, draft: true }))).toMatch(/^B has a mistake/);
    expect(mistakenWords(wrong, wrong)).toBe("A and B have mistakes: neither has a result yet.");
    for (const other of [fine, side({ draft: true }), side({ shown: null, running: true }), noResult])
      expect(mistakenWords(fine, other)).toBeNull();
    expect(mistakenWords(side({ shown: null, problem: CANCELLED }), fine)).toBeNull();
  });

  it("names the recipe that is shown, and its tensor where that is another", () => {
    expect(staleWords("b", side({ draft: true }))?.badge).toBe("B last valid: nvfp4");
    const moved = side({ wanted: requestKey(request("rht(64)+int4", "v")), problem: "no" });
    expect(staleWords("b", moved)?.badge).toBe("B last valid: nvfp4 on w");
  });

  it("speaks of both sides at once", () => {
    expect(staleOf(side({}), side({}), false)).toBeNull();
    const both = staleOf(side({ wanted: other, running: true }), side({ draft: true }), false);
    expect(both).toMatchObject({ badge: "A old: new one on its way · B last valid: nvfp4", coming: true });
    const running = side({ wanted: other, running: true });
    expect(staleOf(running, running, false)?.badge).toBe("old: new ones on their way");
    expect(staleOf(side({}), noResult, true)?.badge).toBe("another source is opening");
    expect(staleOf(noResult, noResult, true)).toBeNull();
  });
});
