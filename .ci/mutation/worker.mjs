// Runs the tests of a target over mutants, one after another, in one Vitest: only what a mutant changes is read anew.
import { resolve } from "node:path";
import { createVitest } from "vitest/node";

process.once("message", async ({ tests, mutants }) => {
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
    { watch: false, bail: 1, reporters: [{ onInit() {} }], maxWorkers: 2, config: "vitest.config.ts" },
    { plugins: [plugin] },
  );
  const specifications = await vitest.globTestSpecifications(tests);
  const passes = async () => {
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, true);
    return unhandledErrors.length === 0 && testModules.length > 0 && testModules.every((module) => module.ok());
  };
  if (!(await passes())) {
    process.send({
      unfit: `the tests (${tests.join(", ")}) do not pass as they are: nothing can be learned from them`,
    });
    return;
  }
  for (const next of mutants) {
    const paths = [next.path, mutant?.path].filter(Boolean).map((path) => resolve(path));
    mutant = next;
    for (const path of paths) vitest.invalidateFile(path);
    process.send({ verdict: (await passes()) ? "survived" : "killed" });
  }
  process.send({ done: true });
});
