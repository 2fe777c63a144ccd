/**
 * `npm run bench [-- --elements N] [--side N] [--solved N] [--tensors N]`, or `npm run bench -- --network` for language models alone and
 * `-- --allocation` for frontiers: how fast the kernels are, each figure a ratio to a floor or a peer that was measured in the same run.
 * Prints tables, and at last one line of JSON. The GPU is measured where there is one.
 */
import "../notation/all.ts";
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { benchAllocation } from "./allocation.ts";
import { benchCodes } from "./codes.ts";
import { benchGgml } from "./ggml.ts";
import { benchReports } from "./reports.ts";
import { benchSearches } from "./searches.ts";
import { benchAwq, benchLearned, benchSolvers } from "./solvers.ts";
import { benchSweep } from "./sweep.ts";

const { values: options } = parseArgs({
  options: {
    elements: { type: "string", default: String(2 ** 24) },
    side: { type: "string", default: "1024" },
    solved: { type: "string", default: "2048" },
    tensors: { type: "string", default: "500000" },
    network: { type: "boolean", default: false },
    allocation: { type: "boolean", default: false },
  },
});

function heading(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

async function reports() {
  const measured = await benchReports(Number(options.elements));
  const { elements, table, nsAnIncrement } = measured;
  heading(`Full reports in wasm: ${elements} values, one thread, processor time, medians`);
  console.table(table);
  heading(
    `Adding one to an entry of a table takes wasm ${nsAnIncrement} ns. A report does so twice a value, and once for ` +
      `two codes of four bits or for a longer one; one read takes ${(1000 / table[0]["M values/s read"]).toFixed(2)} ns a value.`,
  );
  return measured;
}

async function searches() {
  // A search takes a hundred times as long as a report: a quarter of the values tells as much.
  const measured = await benchSearches(Number(options.elements) / 4);
  heading(`Searches for scales: ${measured.elements} values, one thread, processor time, medians`);
  console.table(measured.table);
  return measured;
}

async function blocks() {
  const measured = await benchGgml();
  heading(`ggml's quantizers that search: ${measured.elements} values, one thread, processor time, the least of three`);
  console.table(measured.table);
  return measured;
}

async function sweeps() {
  const measured = await benchSweep(Number(options.side));
  heading(
    `A sweep against one full pass a recipe: ${measured.side} x ${measured.side} values, one thread, processor time`,
  );
  console.table(
    measured.results.map((r) => ({
      backend: r.backend,
      recipes: r.recipes,
      "sweep, s": r.sweepSeconds.toFixed(2),
      "full passes, s": r.fullSeconds.toFixed(2),
      "times as long": r.ratio.toFixed(1),
      "ns a value and recipe": r.nsPerElement.toFixed(2),
      "4096 x 4096 on 2 cores, s": r.extrapolatedSeconds.toFixed(1),
    })),
  );
  return measured;
}

async function solvers() {
  const measured = await benchSolvers(Number(options.solved));
  const { recipe, side, seconds, processor, longestPieceMs, numpy } = measured;
  heading(`${recipe} of ${side} x ${side} values, one thread, the solver alone`);
  console.table({
    here: {
      seconds: seconds.toFixed(2),
      "of them on the processor": processor.toFixed(2),
      "longest piece, ms": longestPieceMs.toFixed(0),
    },
    ...(numpy && { "NumPy, all cores": { seconds: numpy.all.toFixed(2), "factor alone": numpy.factor.toFixed(2) } }),
  });
  if (!numpy) heading("There is no python3 with NumPy to compare with.");
  return measured;
}

async function awq() {
  const measured = await benchAwq(Number(options.solved));
  const { recipe, side, tokens, seconds, processor, numpy } = measured;
  heading(`${recipe} of ${side} x ${side} values over ${tokens} tokens, one thread, the whole report`);
  console.table([
    {
      "wall, s": seconds.toFixed(2),
      "processor, s": processor.toFixed(2),
      "NumPy's search, s": numpy?.toFixed(2) ?? "no NumPy",
      ...(numpy !== null && { "times as long": (seconds / numpy).toFixed(2) }),
    },
  ]);
  return measured;
}

async function learned() {
  const measured = await benchLearned(1024);
  const { recipe, side, seconds, processor, longestPieceMs } = measured;
  heading(`${recipe} of ${side} x ${side} values, one thread, the whole report, told from 40 steps`);
  console.table([
    {
      ...{ "wall, s": seconds.toFixed(1), "processor, s": processor.toFixed(1), "bar, s": 60 },
      "longest piece, ms": longestPieceMs.toFixed(0),
    },
  ]);
  return measured;
}

async function codes() {
  const measured = await benchCodes();
  heading(`Codes of whole matrices: ${measured.values} values, one thread; long ones over a part, told for the whole`);
  console.table(
    measured.results.map((r) => ({
      recipe: r.recipe,
      "wall, s": r.wall.toFixed(2),
      "processor, s": r.processor.toFixed(2),
      "bar, s": r.bar ?? "",
      "longest piece, ms": r.longestPieceMs.toFixed(0),
      nmse: r.nmse.toPrecision(4),
      beside: r.peer ? `${r.peer}: ${r.peerSeconds!.toFixed(2)} s` : "",
    })),
  );
  return measured;
}

async function allocation() {
  const measured = await benchAllocation(Number(options.tensors));
  heading("Frontiers of whole models, one thread, processor time");
  console.table(
    measured.map((r) => ({
      tensors: r.tensors,
      recipes: r.recipes,
      method: r.method,
      points: r.points,
      "frontier, s": r.frontierSeconds.toFixed(2),
      "times a bare pass over as many sums": r.ratio?.toFixed(1) ?? "",
      "longest piece, ms": r.longestPieceMs.toFixed(0),
      "lookup, ms": r.lookupMs.toFixed(2),
      "MB said": (r.memoryBytes / 2 ** 20).toFixed(0),
      "gap at half, %": (100 * r.gap).toPrecision(2),
    })),
  );
  return measured;
}

/** The GPU's own bench in a process of its own, which ends with it; null, and a sentence, where there is no GPU. */
async function webgpu(): Promise<string | null> {
  const left = (why: string) => {
    heading(`WebGPU is left out: ${why}.`);
    return null;
  };
  let adapter: GPUAdapter | null;
  try {
    adapter = await (await startDawn()).requestAdapter({ powerPreference: "high-performance" });
  } catch (error) {
    return left(`Dawn could not be started here (${(error as Error).message})`);
  }
  if (!adapter) return left("there is no adapter");
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const label = [vendor, architecture, description].filter(Boolean).join(" ");
  if (isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(label)) {
    return left(`the only adapter here is software (${label})`);
  }
  heading(`WebGPU on ${label}`);
  const scripts = options.network ? [NETWORK_ON_GPU] : [["./webgpu.ts"], ["./webgpu-sweep.ts"], NETWORK_ON_GPU];
  return scripts.map(([script, ...args]) => program(script, ...args)).join("\n");
}

const NETWORK_ON_GPU = ["./network.ts", "webgpu"];

/** What a bench that is a program of its own prints. */
function program(script: string, ...args: string[]): string {
  const path = pathOf(import.meta.resolve(script));
  const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", path, ...args], {
    env: { ...process.env, DAWN: process.env.DAWN ?? addonPath() },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.stdout.write(stdout);
  if (status !== 0) heading(`${script} failed with status ${status}.`);
  return stdout;
}

function network(): string {
  heading("Windows of 512 tokens through language models of random weights, one thread");
  return program("./network.ts", "wasm");
}

const pathOf = (url: string) => fileURLToPath(url);

/** Dawn's addon for this machine, as the package lays it out. */
function addonPath(): string {
  const { platform, arch } = process;
  const folder = platform === "darwin" ? "darwin-universal" : `${platform}-${arch}`;
  return pathOf(import.meta.resolve("webgpu")).replace(/index\.js$/, `dist/${folder}/dawn.node`);
}

async function main(): Promise<void> {
  const machine = `${cpus()[0].model}, ${cpus().length} cores`;
  heading(`${new Date().toISOString().slice(0, 10)}, ${machine}, Node ${process.version}`);
  if (options.network) {
    network();
    await webgpu();
    return;
  }
  if (options.allocation) {
    await allocation();
    return;
  }
  const measured = {
    network: network(),
    reports: await reports(),
    searches: await searches(),
    ggml: await blocks(),
    sweeps: await sweeps(),
    solvers: await solvers(),
    awq: await awq(),
    learned: await learned(),
    codes: await codes(),
    allocation: await allocation(),
    webgpu: await webgpu(),
  };
  process.stdout.write(
    `\n${JSON.stringify({ date: new Date().toISOString(), machine, node: process.version, ...measured })}\n`,
  );
}

await main();
process.exit();
