// Runs the tests of a target over mutants, one after another, in one Vitest: only what a mutant changes is read anew. The test
// beside the changed file comes first and the wide tests come last: most mutants are gone before those.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createVitest } from "vitest/node";

process.once("message", async ({ tests, wide = [], apart = false, mutants }) => {
  let mutant = null;
  const plugin = {
    name: "mutant",
    enforce: "pre",
    transform(code, id) {
      if (!mutant || id.split("?")[0] !== resolve(mutant.path)) return null;
      return code.slice(0, mutant.start) + mutant.by + code.slice(mutant.end);
    },
  };
  const vitest = await createVitest(
    "test",
    {
      watch: false,
      bail: 1,
      reporters: [{ onInit() {} }],
      maxWorkers: 2,
      isolate: apart,
      pool: "threads",
      config: "vitest.config.ts",
    },
    { plugins: [plugin] },
  );
  const found = async (names) => (names.length > 0 ? await vitest.globTestSpecifications(names) : []);
  const near = await found(tests);
  const known = new Set(near.map(({ moduleId }) => moduleId));
  const far = (await found(wide)).filter(({ moduleId }) => !known.has(moduleId));
  let failed = [];
  const pass = async (specifications) => {
    if (specifications.length === 0) return true;
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, true);
    // Vitest tells of all modules it ever ran: those of earlier runs say what an earlier mutant did.
    const ran = new Set(specifications.map(({ moduleId }) => moduleId));
    const now = testModules.filter(({ moduleId }) => ran.has(moduleId));
    failed = now.filter((module) => !module.ok()).map(({ relativeModuleId }) => relativeModuleId);
    return unhandledErrors.length === 0 && now.length > 0 && failed.length === 0;
  };
  const start = performance.now();
  if (!(await pass([...near, ...far]))) {
    process.send({ unfit: `${failed.join(", ")}: does not pass as it is, nothing can be learned from it` });
    return;
  }
  process.send({ took: performance.now() - start });
  for (const next of mutants) {
    const paths = [next.path, mutant?.path].filter(Boolean).map((path) => resolve(path));
    mutant = next;
    for (const path of paths) vitest.invalidateFile(path);
    const own = resolve(next.path.replace(/\.tsx?$/, ".test.ts"));
    const beside = existsSync(own) ? await found([own]) : [];
    const others = near.filter(({ moduleId }) => moduleId !== own);
    const survives = (await pass(beside)) && (await pass(others)) && (await pass(far));
    process.send({ verdict: survives ? "survived" : "killed" });
  }
  // What fails without a change, too, has killed nothing.
  if (mutant) vitest.invalidateFile(resolve(mutant.path));
  mutant = null;
  const sound = await pass([...near, ...far]);
  process.send(
    sound ? { done: true } : { unfit: `${failed.join(", ")}: no longer passes as it is, what was judged is void` },
  );
});
