// `npm run mutation [-- NAME...] [--sample N] [--seed N]`: changes the code a little, one place at a time, and sees whether the tests
// notice. What no test noticed is listed; ends with status 1 where that is a tenth or more. Files are left as they are: the
// changes are made while Vitest reads them.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutantsOf } from "./mutants.mjs";
import { targets } from "./targets.mjs";

const { values: options, positionals } = parseArgs({
  options: { sample: { type: "string", default: "150" }, seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
/** Longer than this (milliseconds), and than some runs of a target's tests as they are: a change has made a loop that does not end. */
const PATIENCE = 30_000;
const RUNS_WAITED = 3;
/** Before it is known how long the tests take. */
const FIRST_PATIENCE = 900_000;
const MOST_SURVIVORS = 0.1;

/** A small generator, so that a seed names its mutants. */
function shuffled(list, seed) {
  let state = seed >>> 0;
  const draw = () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const left = [...list];
  return list.map(() => left.splice(Math.floor(draw() * left.length), 1)[0]);
}

/** The sources that a target names: files, or all of a folder but its tests. */
const sourcesOf = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path)
        .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|^testing\.|bench/.test(name))
        .map((name) => `${path}/${name}`);

const mutantsOfTarget = ({ sources }) =>
  sources
    .flatMap(sourcesOf)
    .flatMap((path) => mutantsOf(path, readFileSync(path, "utf8")).map((m) => ({ ...m, path })));

/** Runs mutants in a process of its own; one that hangs is ended, and the others go on in the next. */
async function judge({ tests, wide, apart }, mutants) {
  const verdicts = [];
  while (verdicts.length < mutants.length) {
    const left = mutants.slice(verdicts.length);
    const child = spawn(process.execPath, [fileURLToPath(new URL("worker.mjs", import.meta.url))], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // A group of its own: a loop that does not end is in a process of that process.
      detached: true,
    });
    let timer;
    let patience = FIRST_PATIENCE;
    const outcome = await new Promise((resolve) => {
      const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(() => resolve("hangs"), patience);
      };
      wait();
      child.on("message", (message) => {
        if (message.unfit) return resolve(message.unfit);
        if (message.done) return resolve("done");
        if (message.took !== undefined) patience = Math.max(PATIENCE, RUNS_WAITED * message.took);
        else verdicts.push(message.verdict);
        wait();
      });
      child.on("exit", () => resolve("ended"));
      child.send({ tests, wide, apart, mutants: left });
    });
    clearTimeout(timer);
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // All of it has ended.
    }
    if (outcome === "hangs" || outcome === "ended") verdicts.push("hangs");
    else if (outcome !== "done") throw new Error(outcome);
  }
  return verdicts;
}

const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
let [survived, judged] = [0, 0];
for (const target of chosen) {
  const all = mutantsOfTarget(target);
  const some = shuffled(all, Number(options.seed)).slice(0, Number(options.sample));
  const verdicts = await judge(target, some);
  const alive = some.filter((_, i) => verdicts[i] === "survived");
  survived += alive.length;
  judged += some.length;
  console.log(`${target.name}: ${alive.length} of ${some.length} survived (${all.length} in all)`);
  for (const { path, line, was, by } of alive) console.log(`  ${path}:${line}  ${was}  ->  ${by.slice(0, 60)}`);
}
console.log(`${survived} of ${judged} mutants survived: ${((100 * survived) / Math.max(1, judged)).toFixed(1)} %`);
process.exit(judged > 0 && survived < MOST_SURVIVORS * judged ? 0 : 1);
