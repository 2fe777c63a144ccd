/**
 * The twin of a model: the same function with outlier channels, exactly. A few of the gains of each norm before linear layers (and its
 * biases there) are multiplied by 2^power, and the columns of the weights that read those channels by 2^-power: products and sums
 * stay what they are, to the bit, since powers of two only move exponents. Large models have such channels, and then it shows what smoothing, rotations and
 * splits are for (Xiao et al. 2023, arXiv 2211.10438).
 */
import type { Architecture, FeedForward, Norm } from "../../kernels/network/index.ts";
import { uniformDraw } from "../../kernels/random/normal.ts";
import { UserError } from "../errors/user-error.ts";
import { type OpenSource, withTensors } from "../sources/open.ts";
import type { TensorCache } from "../tensors/cache.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { bind } from "./bind.ts";
import type { BoundPart, Model } from "./model.ts";
import { readSaid } from "./said.ts";
import { parseTwin, printTwin, type TwinSpec } from "./twin-spec.ts";

/** Keeps these draws apart from others under an equal seed. */
const STREAM = 0x7477696e;

/** Opens the twin of an open source, which it takes over: closing the twin closes it. Rejects with UserError where it has none. */
export async function openTwin(
  source: OpenSource,
  text: string,
  cache: TensorCache,
  signal: AbortSignal,
): Promise<OpenSource> {
  try {
    const spec = parseTwin(text);
    const { architecture, writer } = await readSaid(source, signal);
    const { parts, problems } = bind(source, architecture, writer);
    if (problems.length > 0) throw new UserError(problems[0]);
    const changes = changesOf(architecture, parts, spec);
    const tensors = source.info.tensors.map(({ name }) => {
      const change = changes.get(name);
      return change ? changed(source.tensor(name), change) : source.tensor(name);
    });
    const note =
      `Twin with outliers: ${spec.channels} channels of each norm before linear layers are multiplied by 2^${spec.power}, and the columns of the weights that ` +
      `read them are divided by it. It computes the same function (${printTwin(spec)}).`;
    const info = { label: `${source.info.label}, twin with outliers`, notes: [...source.info.notes, note] };
    return withTensors(source, tensors, info, cache);
  } catch (error) {
    source.close();
    throw error;
  }
}

/** What happens to the values of a tensor: those of these channels are multiplied. */
interface Change {
  factors: Float32Array;
  /** Of an element, by its row-major index. */
  channelOf(index: number): number;
  /** The gain is one more than what is stored. */
  plusOne: boolean;
}

/** A norm and the weights that read what it gives. */
interface Reading {
  norm: Norm;
  readers: string[];
}

function readingsOf(architecture: Architecture, layer: number): Reading[] {
  const { attention, feed, beforeAttention, beforeFeed, parallel } = architecture.design(layer);
  const { projections } = attention;
  const own = "fused" in projections ? [projections.fused] : [projections.query, projections.key, projections.value];
  const forward = (one: FeedForward) => [one.gate, one.up];
  const fed = "experts" in feed ? [feed.router, ...feed.experts.flatMap(forward)] : forward(feed);
  const names = (linears: readonly ({ weight: string } | null)[]) => linears.flatMap((one) => one?.weight ?? []);
  const shares = parallel && beforeFeed === null;
  const readings: Reading[] = [];
  if (beforeAttention) readings.push({ norm: beforeAttention, readers: names(shares ? [...own, ...fed] : own) });
  if (beforeFeed) readings.push({ norm: beforeFeed, readers: names(fed) });
  return readings.filter(({ norm }) => norm.weight !== null);
}

/** By the stored tensor's name. Throws UserError where the model has no norm that could have outliers, or is stored as codes. */
function changesOf(architecture: Architecture, parts: Model["parts"], spec: TwinSpec): Map<string, Change> {
  const { width, layers, about } = architecture;
  if (spec.channels > width) {
    throw new UserError(
      `A twin with outliers in ${spec.channels} channels: this model (${about}) has ${width} of them.`,
    );
  }
  const changes = new Map<string, Change>();
  let norms = 0;
  for (let layer = 0; layer < layers; layer++) {
    for (const { norm, readers } of readingsOf(architecture, layer)) {
      const up = factorsOf(width, spec, norms++);
      const down = up.map((factor) => 1 / factor);
      for (const name of [norm.weight, norm.bias]) {
        const part = name === null ? undefined : parts.get(name);
        // What a GGUF file stores is the whole gain.
        const plusOne = name === norm.weight && norm.plusOne && part?.adapted === null;
        if (part) changes.set(part.stored.tensor, { factors: up, channelOf: (index) => index, plusOne });
      }
      for (const name of readers) {
        const part = parts.get(name);
        if (part) changes.set(part.stored.tensor, { factors: down, channelOf: columnOf(part), plusOne: false });
      }
    }
  }
  if (norms === 0) {
    throw new UserError(
      `This model (${about}) has no norms with gains before its linear layers: it has no twin with outliers.`,
    );
  }
  return changes;
}

/** The column of a stored element: the last dimension, or the first where outputs are last. */
function columnOf({ stored: { view, rows, cols } }: BoundPart): (index: number) => number {
  return view.transpose ? (index) => Math.floor(index / rows) : (index) => index % cols;
}

/** 2^power for as many channels as the spec says, drawn without repetition, and 1 for the others. */
function factorsOf(width: number, { channels, power, seed }: TwinSpec, norm: number): Float32Array {
  const draws = Array.from({ length: width }, (_, channel) => ({
    channel,
    draw: uniformDraw(seed, STREAM, norm * width + channel),
  }));
  draws.sort((a, b) => a.draw - b.draw || a.channel - b.channel);
  const factors = new Float32Array(width).fill(1);
  for (const { channel } of draws.slice(0, channels)) factors[channel] = 2 ** power;
  return factors;
}

function changed(tensor: Tensor, change: Change): Tensor {
  const { info, notes } = tensor;
  if (info.stored || tensor.blocks) {
    throw new UserError(
      `${info.name} is stored as ${info.stored?.kind.layout ?? tensor.blocks?.type.name}: a twin with outliers is made of plain numbers only.`,
    );
  }
  const { factors, channelOf, plusOne } = change;
  const own: string[] = [];
  const apply = (values: Float32Array, begin: number) => {
    for (let i = 0; i < values.length; i++) {
      const factor = factors[channelOf(begin + i)];
      if (factor === 1) continue;
      const value = values[i];
      values[i] = plusOne ? Math.fround(1 + value) * factor - 1 : value * factor;
      const back = plusOne ? value : values[i] / factor;
      if (back !== value && !Number.isNaN(value) && own.length === 0) {
        own.push("some values of the twin are beyond what float32 holds exactly: it is not quite the same function");
      }
    }
  };
  // It is no longer what lies in the file: whoever writes it takes the values.
  return {
    info,
    get notes() {
      return [...notes, ...own];
    },
    async read(begin, end, signal) {
      const values = await tensor.read(begin, end, signal);
      apply(values, begin);
      return values;
    },
  };
}
