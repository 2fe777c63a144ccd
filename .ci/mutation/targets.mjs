// What is mutated, and the tests that ought to notice: `tests` run over every mutant (the one beside the changed file first), `wide`
// ones over what those let live. Tests of every backend would notice more, and take hours.
export const targets = [
  {
    name: "scales",
    sources: ["kernels/scales", "kernels/scales/rules"],
    // Most have a test of their own beside them; those of a whole search take long.
    tests: [
      "resolve",
      "rule",
      "ideal",
      "round",
      "zero-point",
      "statistics",
      "gather",
      "trials.test",
      "candidates",
      "store",
      "best",
      "summary",
      "rules/",
      "shared-exponent",
      "tried",
      "search.test",
    ].map((name) => `kernels/scales/${name}`),
    wide: ["kernels/scales/", "kernels/testing/recorded/reference"],
  },
  {
    name: "report",
    sources: ["kernels/report", "kernels/measure"],
    tests: [
      "kernels/report/",
      ...["build", "accumulator", "broken", "metrics/"].map((name) => `kernels/measure/${name}`),
      // What is different where codes stand for several values.
      "kernels/codes/vector",
    ],
    wide: ["kernels/engine/", "kernels/testing/recorded/reference"],
  },
  { name: "pareto", sources: ["kernels/sweep/pareto.ts"], tests: ["kernels/sweep/pareto"] },
  { name: "metrics", sources: ["app/metrics/metrics.ts"], tests: ["app/metrics/"] },
  // Stores, and what stands in for a browser's parts, must not outlive their file.
  {
    name: "state",
    sources: ["app/state", "app/link/address.ts", "app/views/bench/seeds.ts", "app/views/bench/seededRecipes.ts"],
    tests: ["app/state/", "app/link/address", "app/views/bench/seed"],
    wide: ["app/link/"],
    apart: true,
  },
];
