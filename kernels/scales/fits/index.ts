/** Rules that fit scales to the whole matrix: each is loaded with the first recipe that has it. */
import type { Fit } from "./fit.ts";

const fits: Record<"fine" | "dgq", () => Promise<Fit>> = {
  fine: async () => (await import("./fine.ts")).fine,
  dgq: async () => (await import("./dgq.ts")).dgq,
};

export const loadFit = (by: keyof typeof fits): Promise<Fit> => fits[by]();
