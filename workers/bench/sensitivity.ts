/**
 * How well signals foretell what quantizing one tensor does: `tsx workers/bench/sensitivity.ts [--windows 4] [--mix-windows 17]
 * [--samples 0] [--calibration DIR]`. On the sample model: Spearman's correlation of each signal with the KL that was measured one tensor at
 * a time, of all 42 matrices at int2/128 and int3/128. Signals are made on the text that calibrates, KL is measured on the one that judges.
 * Then the best mix at 3.5 bits by each, measured beside every uniform recipe of no more bits. Prints tables, and at last a line of JSON.
 */
import "../../kernels/notation/all.ts";
import { parseArgs } from "node:util";
import { frontier } from "../../kernels/allocation/frontier.ts";
import { within } from "../../kernels/allocation/types.ts";
import { providePool } from "../../kernels/linalg/pool.ts";
import { spearman } from "../../kernels/signals/rank.ts";
import { openCalibrationArgument } from "../cli/calibration.ts";
import { setupFor } from "../cli/model-machine.ts";
import { openArgument } from "../cli/source.ts";
import type { LmSetup } from "../lm/setup.ts";
import { readText } from "../models/text/spec.ts";
import { factsFor, fileOf } from "../scores/file.ts";
import { planOf } from "../scores/plan.ts";
import { tableOf } from "../scores/table.ts";
import { type ScoreFile, type TensorScores, USUAL_KINDS } from "../scores/types.ts";
import { scoreTensors } from "../scores/work.ts";
import type { SensitivityAsked } from "../sensitivity/asked.ts";
import { joined } from "../sensitivity/into-scores.ts";
import { measureMixes } from "../sensitivity/measure.ts";
import type { MixToMeasure, SensitivityAnswer } from "../sensitivity/request.ts";
import { sensitivities } from "../sensitivity/run.ts";

const { values } = parseArgs({
  options: {
    windows: { type: "string", default: "4" },
    "mix-windows": { type: "string", default: "17" },
    samples: { type: "string", default: "0" },
    calibration: { type: "string" },
  },
});
providePool(async () => (await import("../linalg/node.ts")).processPool());

const JUDGED = ["int2/128", "int3/128"];
/** What a mix chooses from; those of up to 3.5 bits are the uniform ones that it is compared with. */
const CHOICES = [
  ...JUDGED,
  "int4/128",
  "int5/128",
  "int6/128",
  "int8/128",
  "int2/64",
  "int3/64",
  "int3/32:f16",
  "int3(half)/64:f16",
];
const BITS = 3.5;

const { signal } = new AbortController();
const source = await openArgument("sample:small-llama");
const { setup, end } = await setupFor(source, "wasm", null);
const calibration = await openCalibrationArgument({ calibration: values.calibration });
const texts = {
  judge: await readText({ kind: "bundled", part: "judge" }, source),
  calibrate: await readText({ kind: "bundled", part: "calibrate" }, source),
};
const windowsOf = (most: string) => ({ tokens: 512, stride: 512, most: Number(most), seed: 0 });

/** What is measured of the model, and how long it takes. */
async function run(
  of: LmSetup,
  text: keyof typeof texts,
  over: Pick<SensitivityAsked, "signals"> & Partial<SensitivityAsked>,
): Promise<SensitivityAnswer> {
  const usual = { recipes: JUDGED, tensors: null, definitions: [], seed: 1, device: "wasm" as const, budget: null };
  const answer = await sensitivities(
    of,
    { ...usual, text: texts[text], windows: windowsOf(values.windows), ...over },
    { signal, progress() {}, give() {} },
  );
  const { plan, recipes, tensors, seconds } = answer;
  console.log(
    `${over.signals.join(", ")}: ${tensors.length} tensors x ${recipes.length} recipes x ${plan.windows} windows of 512 tokens, text that ${text}s: ${seconds.toFixed(1)} s`,
  );
  return answer;
}

/** Scores from values, of every tensor whole. */
async function valueScores(recipes: string[]): Promise<ScoreFile> {
  const signals = ["nmse", "weighted", ...(calibration ? ["outputNmse", "outputError", "imatrix"] : [])];
  const request = {
    ...{ source: "", recipes, definitions: [], signals, kinds: USUAL_KINDS, only: [], share: 1, seed: 0 },
    ...{ wholeStatistics: true, budget: null, ...(calibration && { calibration: "" }) },
  };
  const plan = await planOf(source.info, request);
  const rows: TensorScores[] = [];
  await scoreTensors(source, calibration, request, { signal, progress() {}, give: (one) => rows.push(one) });
  const known = calibration && { name: calibration.info.label, kind: calibration.info.kind };
  const facts = factsFor(plan, request, source.info.label, known);
  return fileOf(facts, rows, { planned: plan.tensors, signals });
}

console.log("sample model, Llama, 6 layers of width 256, 42 matrices, wasm");
const truth = await run(setup, "judge", { signals: ["kl"] });
const other = await run(setup, "calibrate", { signals: ["kl"] });
const made: [name: string, SensitivityAnswer["signals"][keyof SensitivityAnswer["signals"]]][] = [];
const first = await run(setup, "calibrate", { signals: ["gradient", "fisher", "trace", "eigenvalue"] });
for (const [name, scores] of Object.entries(first.signals)) {
  made.push([name === "trace" || name === "eigenvalue" ? `${name} of inputs` : name, scores]);
}
const atQuantized = await run(setup, "calibrate", { signals: ["gradient"], gradientAt: "quantized" });
made.push(["gradient at the quantized model", atQuantized.signals.gradient]);
const ofDivergence = await run(setup, "calibrate", { signals: ["gradient"], gradientAt: "divergence" });
made.push(["gradient of KL at the quantized model", ofDivergence.signals.gradient]);
const atOutputs = await run(setup, "calibrate", { signals: ["fisher"], fisherAt: "outputs" });
made.push(["fisher at outputs", atOutputs.signals.fisher]);
const samples = Number(values.samples);
if (samples > 0) {
  const network = await run(setup, "calibrate", { signals: ["trace"], hessian: "network", samples });
  made.push([`trace through the network, ${samples} samples`, network.signals.trace]);
}
made.push(["kl on the other text", other.signals.kl]);
const byValues = await valueScores(JUDGED);
const order = truth.tensors.map((name) => byValues.tensors.findIndex((one) => one.name === name));
for (const [name, scores] of Object.entries(byValues.signals)) {
  // What is added up over tensors: the value times its weight.
  const weight = (t: number) => scores.weight?.[t] ?? 1;
  made.push([
    name,
    { ...scores, values: order.map((t) => scores.values[t].map((x) => (x === null ? null : x * weight(t)))) },
  ]);
}

const column = (of: (number | null)[][], r: number) => of.map((row) => row[r] ?? Number.NaN);
const correlations = made.map(([name, scores]) => ({
  name,
  of: JUDGED.map((_, r) => spearman(column(scores!.values, r), column(truth.signals.kl!.values, r)).value),
  // Where it is chosen: the text that calibrates, at three bits.
  chosenBy: spearman(column(scores!.values, 1), column(other.signals.kl!.values, 1)).value,
}));
correlations.sort((a, b) => (b.of[0] ?? -1) - (a.of[0] ?? -1));
const said = (x: number | null) => (x === null ? "    -" : x.toFixed(3).padStart(6));
console.log(`\n${"Spearman with KL one tensor at a time".padEnd(44)}${JUDGED.join("  ")}`);
for (const { name, of } of correlations) console.log(`${name.padEnd(44)}${of.map(said).join("    ")}`);
const candidates = correlations.filter(({ name }) => !name.startsWith("kl"));
const [best] = candidates.toSorted((a, b) => (b.chosenBy ?? -1) - (a.chosenBy ?? -1));
console.log(
  `chosen at ${JUDGED[1]} on the text that calibrates: ${best.name} (${said(best.chosenBy).trim()}); at ${JUDGED[0]} on the text that judges it has ${said(best.of[0]).trim()}\n`,
);

const grid = await valueScores(CHOICES);
const fisher = await run(setup, "calibrate", { signals: ["fisher", "gradient"], recipes: CHOICES });
const scores = joined(grid, fisher);
const elements = scores.tensors.reduce((sum, one) => sum + one.elements, 0);
const mixes: MixToMeasure[] = [];
for (const name of ["fisher", "gradient", "nmse"]) {
  const table = tableOf(scores, name, { keep: false });
  const all = await frontier(
    table,
    { pinned: new Map(), forbids: () => null, fixedBits: 0 },
    { checkpoint: async () => {} },
  );
  const point = within(all, BITS * elements);
  const { choice, loss, bits } = all.at(point);
  const weights = table.items.map((item, i) => `${item.name}=${table.choices[choice[i]]}`).join(";");
  mixes.push({
    name: `mix by ${name}, ${(bits / elements).toFixed(3)} bits`,
    kind: name === "fisher" ? "chosen" : "named",
    weights,
    predicted: name === "fisher" ? loss : null,
  });
  if (name !== "fisher") continue;
  for (const next of [point - 8, point + 8]) {
    if (next < 0 || next >= all.bits.length) continue;
    const near = all.at(next);
    const rules = table.items.map((item, i) => `${item.name}=${table.choices[near.choice[i]]}`).join(";");
    mixes.push({
      name: `neighbour, ${(near.bits / elements).toFixed(3)} bits`,
      kind: "neighbour",
      weights: rules,
      predicted: near.loss,
    });
  }
}
const losses = tableOf(scores, "fisher", { keep: false });
for (const [c, recipe] of CHOICES.entries()) {
  const bits = losses.items.reduce((sum, _, i) => sum + losses.bits[i * losses.choices.length + c], 0) / elements;
  if (bits > BITS) continue;
  const predicted = losses.items.reduce((sum, _, i) => sum + losses.loss[i * losses.choices.length + c], 0);
  mixes.push({
    name: `${recipe} everywhere, ${bits.toFixed(3)} bits`,
    kind: "uniform",
    weights: `*_proj.weight=${recipe}`,
    predicted,
  });
}
const measured = await measureMixes(
  setup,
  {
    text: texts.judge,
    windows: windowsOf(values["mix-windows"]),
    definitions: [],
    device: "wasm",
    budget: null,
    mixes,
  },
  { signal, progress() {}, give() {} },
);
console.log(`${`at ${BITS} bits, text that judges`.padEnd(44)}KL        +-        foretold  less the chosen mix`);
for (const { name, kl, predicted, against, failed } of measured.mixes) {
  const figure = (x: number | null | undefined) => (x == null ? "-" : x.toFixed(4)).padEnd(10);
  console.log(
    `${name.padEnd(44)}${failed ?? `${figure(kl.value)}${figure(kl.stderr)}${figure(predicted)}${against ? `${figure(against.value)}+- ${figure(against.stderr)}` : ""}`}`,
  );
}
const { uniform, additivity, seconds } = measured;
console.log(
  uniform
    ? `the chosen mix is ${uniform.worse ? "WORSE" : "better"} than the best uniform one, ${uniform.name}: by ${uniform.by.value?.toFixed(4)} +- ${uniform.by.stderr?.toFixed(4)}`
    : "no uniform recipe was measured",
);
console.log(`measured in ${seconds.toFixed(1)} s`);
console.log(
  JSON.stringify({
    bench: "sensitivity",
    ...{ windows: Number(values.windows), seconds: { kl: truth.seconds, fisher: fisher.seconds, mixes: seconds } },
    ...{ correlations, best: best.name, uniform, additivity },
    mixes: measured.mixes.map(({ name, kl, predicted, bitsPerWeight }) => ({ name, kl, predicted, bitsPerWeight })),
  }),
);
calibration?.close();
await end();
source.close();
// Threads of jax-js and of linear algebra would keep the process.
process.exit(0);
