/**
 * Windows of text through networks with random weights, against a floor: the products of their linear layers alone, by jax-js on
 * the same device. Runs as a program of its own with `wasm` or `webgpu`, and prints a line of JSON.
 */
import { jit, numpy as np } from "@jax-js/jax";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { type Architecture, type Loaded, type Network, openNetwork, readArchitecture } from "../network/index.ts";

const llama = (sizes: Record<string, number>) => ({ model_type: "llama", tie_word_embeddings: true, ...sizes });

/** The sample model's shape, and SmolLM2-135M's. */
const MODELS = {
  "5.8 M": llama({
    hidden_size: 256,
    intermediate_size: 768,
    num_hidden_layers: 6,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    vocab_size: 4096,
  }),
  "135 M": llama({
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49152,
  }),
};

const TOKENS = 512;

/** Uniform, and the same everywhere. */
function random(count: number, spread: number): Float32Array {
  const values = new Float32Array(count);
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 32 - 0.5) * spread;
  }
  return values;
}

const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function loadRandom(network: Network, of: number | "ends"): Promise<Loaded> {
  const parts = network.architecture.parts(of).filter((part) => !part.optional);
  return network.load(
    of,
    new Map(
      parts.map(({ name, shape, role }) => {
        const count = shape.reduce((a, b) => a * b, 1);
        return [name, role === "norm" ? new Float32Array(count).fill(1) : random(count, 0.1)];
      }),
    ),
  );
}

/** The least of several runs, by the wall and by the processor. */
async function least(runs: number, work: () => Promise<void>): Promise<{ wall: number; processor: number }> {
  const best = { wall: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY };
  for (let i = 0; i < runs; i++) {
    const [wall, used] = [seconds(), processor()];
    await work();
    best.wall = Math.min(best.wall, seconds() - wall);
    best.processor = Math.min(best.processor, processor() - used);
  }
  return best;
}

/** Of a device of its own the wall's seconds; of the processor those that were spent here, whoever else is at work. */
const used = (one: { wall: number; processor: number }, device: "wasm" | "webgpu") =>
  device === "webgpu" ? one.wall : one.processor;

/** Seconds of the products of one layer's linears, and of the head, by themselves. */
async function floor(architecture: Architecture, device: "wasm" | "webgpu", runs: number) {
  const product = jit((x: np.Array, w: np.Array) => np.dot(x, np.transpose(w)));
  const matrix = (rows: number, cols: number) => np.array(random(rows * cols, 1), { shape: [rows, cols], device });
  const shapes = [...architecture.parts(0), ...architecture.parts("ends").filter(({ role }) => role === "head")];
  const total = { layers: 0, head: 0 };
  for (const { shape, role } of shapes.filter(({ linear }) => linear)) {
    // Of the head a piece, as logits are made in pieces.
    const [rows, outputs, times] =
      role === "head" ? [128, Math.min(8192, shape[0]), shape[0] / 8192 / (128 / TOKENS)] : [TOKENS, shape[0], 1];
    const [x, w] = [matrix(rows, shape[1]), matrix(outputs, shape[1])];
    // A GPU is given several at once, as the network gives it several.
    const at = device === "webgpu" ? 10 : 1;
    const taken = await least(runs + 2, async () => {
      const products = Array.from({ length: at }, () => product(x.ref, w.ref));
      await Promise.all(products.map((one) => one.blockUntilReady()));
      for (const one of products) one.dispose();
    });
    const own = used(taken, device) / at;
    x.dispose();
    w.dispose();
    if (role === "head") total.head += own * Math.max(times, 1);
    else total.layers += own * architecture.layers;
  }
  return total;
}

async function measure(name: keyof typeof MODELS, device: "wasm" | "webgpu", runs: number) {
  const architecture = readArchitecture(MODELS[name]);
  const gpu = device === "webgpu" ? await startDawn() : undefined;
  const network = await openNetwork(architecture, { device, gpu });
  const ends = await loadRandom(network, "ends");
  const layers: Loaded[] = [];
  for (let i = 0; i < architecture.layers; i++) layers.push(await loadRandom(network, i));
  const tokens = Uint32Array.from({ length: TOKENS }, (_, i) => (i * 7) % architecture.vocabulary);
  const pass = async () => {
    let hidden = await network.embed(ends, tokens);
    for (const [i, layer] of layers.entries()) {
      const next = await network.layer(i, layer, hidden);
      network.release(hidden);
      hidden = next;
    }
    return hidden;
  };
  let started = seconds();
  let hidden = await pass();
  await network.logits(ends, hidden, 0, TOKENS);
  const first = seconds() - started;
  const through = await least(runs, async () => {
    network.release(hidden);
    hidden = await pass();
    await network.read(hidden);
  });
  const logits = await least(runs, async () => {
    await network.logits(ends, hidden, 0, TOKENS);
  });
  network.release(hidden);
  started = seconds();
  const alone = await floor(architecture, device, runs);
  const about = network.about;
  const memory = process.memoryUsage.rss();
  network.end();
  return {
    model: name,
    on: about,
    tokens: TOKENS,
    firstSeconds: first,
    layersSeconds: through.wall,
    layersProcessor: through.processor,
    logitsSeconds: logits.wall,
    logitsProcessor: logits.processor,
    floorSeconds: alone.layers,
    timesTheFloor: used(through, device) / alone.layers,
    headFloorSeconds: alone.head,
    residentBytes: memory,
  };
}

const device = process.argv[2] === "webgpu" ? "webgpu" : "wasm";
const runs = Number(process.env.ROUNDS ?? (device === "webgpu" ? 8 : 3));
const results = [];
for (const name of ["5.8 M", "135 M"] as const) results.push(await measure(name, device, runs));
console.table(
  results.map((r) => ({
    model: r.model,
    on: r.on,
    "first window, s": r.firstSeconds.toFixed(2),
    "layers, s": r.layersSeconds.toFixed(3),
    "on the processor": r.layersProcessor.toFixed(3),
    "their products alone, s": r.floorSeconds.toFixed(3),
    "times the floor": r.timesTheFloor.toFixed(2),
    "logits, s": r.logitsSeconds.toFixed(3),
    "resident, MB": Math.round(r.residentBytes / 1e6),
  })),
);
process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit();
