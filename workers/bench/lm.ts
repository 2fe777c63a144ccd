/**
 * The part of `npm run bench` about language models: `tsx workers/bench/lm.ts [--device wasm|webgpu]`. From a changed rule to the first
 * KL and through all windows of the sample model, beside what the passes through the network alone take.
 * Prints a table, and at last one line of JSON.
 */
import "../../kernels/notation/all.ts";
import { parseArgs } from "node:util";
import { providePool } from "../../kernels/linalg/pool.ts";
import { deviceArgument, setupFor } from "../cli/model-machine.ts";
import { openArgument } from "../cli/source.ts";
import { evaluate } from "../lm/evaluate.ts";
import { figuresOf } from "../lm/figures/index.ts";
import { NO_RECIPE } from "../lm/recipe.ts";
import type { WindowResult } from "../lm/request.ts";
import { readText } from "../models/text/spec.ts";
import { tokensOf } from "../models/text/tokens.ts";
import { cutText } from "../models/text/windows.ts";

const { values } = parseArgs({ options: { device: { type: "string" } } });
const device = deviceArgument(values.device);
providePool(async () => (await import("../linalg/node.ts")).processPool());

const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const clock = () => ({ wall: performance.now() / 1000, processor: processor() });
const since = (start: ReturnType<typeof clock>) => ({
  wall: performance.now() / 1000 - start.wall,
  processor: processor() - start.processor,
});

const signal = new AbortController().signal;
const source = await openArgument("sample:small-llama");
const { setup, end } = await setupFor(source, device, null);
const text = await readText({ kind: "bundled", part: "judge" }, source);
const windows = { tokens: 512, stride: 512, most: null, seed: 0 };

/** A run of a rule on all windows: until its first KL, and all of it. */
async function run(rule: string) {
  const start = clock();
  let first: ReturnType<typeof since> | null = null;
  const given: WindowResult[] = [];
  const recipe = { ...NO_RECIPE, weights: rule };
  await evaluate(
    setup,
    { text, windows, a: recipe, b: null, definitions: [], device, budget: null },
    {
      signal,
      progress() {},
      give(part) {
        if (part.part !== "window") return;
        given.push(part.window);
        first ??= since(start);
      },
    },
  );
  const all = since(start);
  return { rule, first: first!, all, kl: figuresOf(given).a!.kl.value };
}

/** All windows through the network once, their logits included: what no evaluation can do without. */
async function passes() {
  const running = await setup.running(device);
  const { network } = running;
  const cut = cutText(await tokensOf(setup.model.tokenizer!, text.text, signal), windows, setup.model.architecture);
  const ends = await running.held("ends", signal);
  const start = clock();
  for (const { tokens } of cut.windows) {
    let hidden = await network.embed(ends, tokens);
    for (let layer = 0; layer < network.architecture.layers; layer++) {
      const next = await network.layer(layer, await running.held(layer, signal), hidden);
      network.release(hidden);
      hidden = next;
    }
    await network.logits(ends, hidden, 0, tokens.length);
    network.release(hidden);
  }
  return since(start);
}

const cold = await run("*proj*=int8/128");
const changed = await run("*proj*=int4/128");
const one = await run("*proj*=int4/128;model.embed_tokens.weight=int8/row");
const alone = await passes();
const line = (what: string, { wall, processor }: ReturnType<typeof since>) =>
  `${what.padEnd(52)} ${wall.toFixed(2).padStart(7)} s, ${processor.toFixed(2).padStart(7)} s of processor`;
console.log(`sample model, ${setup.model.architecture.about}, 17 windows of 512 tokens, ${device}`);
console.log(line("opened, to the first KL", cold.first));
console.log(line("opened, all windows and the noise floor", cold.all));
console.log(line("rules of all 42 layers changed, to the first KL", changed.first));
console.log(line("rules of all 42 layers changed, all windows", changed.all));
console.log(line("one more rule, to the first KL", one.first));
console.log(line("17 windows through the network alone", alone));
const ratio = changed.all.processor / alone.processor;
console.log(`a changed rule takes ${ratio.toFixed(2)} times the passes alone`);
console.log(JSON.stringify({ bench: "lm", device, cold, changed, one, passes: alone, ratio }));
await end();
source.close();
process.exit(0);
