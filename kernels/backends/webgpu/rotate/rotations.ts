import { floatBits } from "../../../exact/bits.ts";
import type { Plan } from "../../../plan/plan.ts";
import { paleyMatrix } from "../../../steps/hadamard.ts";
import type { HadamardParts, RowTransform } from "../../../steps/row-transform.ts";
import type { ComputeDevice, Dispatch } from "../device/device.ts";
import type { Kernels } from "../wgsl/kernels.ts";
import { HELD, MIX_WORDS, ROTATE_THREADS, rotateFields } from "../wgsl/rotate.ts";

type RotateWords = Record<(typeof rotateFields)[number][0], number>;

const WORD = 4;
/** Fewest neighbours that a workgroup reads at a time where it holds values that lie far apart. */
const LEAST_SPAN = 2;

/** Whole rows on the device, rotated, and for each rotation which of its blocks were left out: a bit each. */
export interface Rotated {
  values: GPUBuffer;
  leftOut: GPUBuffer[];
}

/** Bytes of the marks of blocks that are left out, rotation by rotation. */
export const leftOutBytes = (plan: Plan, rows: number): number[] =>
  plan.transforms.map(({ block }) => Math.ceil((rows * plan.cols) / block / 32) * WORD);

/** How far results may exceed what was rotated back: each value of a block is at most the root of the block's energy. */
export const rotationGain = (plan: Plan): number => plan.transforms.reduce((f, { block }) => f * Math.sqrt(block), 1);

/** Magnitudes of which rotations of blocks of n make nothing subnormal or infinite: see `wgsl/rotate.ts`. */
export function rangeOf(n: number): { least: number; most: number } {
  const places = Math.log2(n);
  return { least: 2 ** (Math.ceil(places / 2) - 103), most: 2 ** (127 - Math.ceil(places)) };
}

/** Rotates whole rows, and back, in the order of `steps/rows.ts`. */
export class Rotator {
  readonly #compute: ComputeDevice;
  readonly #kernels: Kernels;

  constructor(compute: ComputeDevice, kernels: Kernels) {
    this.#compute = compute;
    this.#kernels = kernels;
  }

  /** A word that is not zero after any rotation of magnitudes that may overflow; cleared by whoever runs one. */
  get flag(): GPUBuffer {
    return this.#compute.storage("rotate.flag", WORD);
  }

  /** Storage for rows that nobody keeps. */
  scratch(plan: Plan, rows: number): Rotated {
    const leftOut = leftOutBytes(plan, rows).map((bytes, k) => this.#compute.storage(`rotate.left ${k}`, bytes));
    return { values: this.#compute.storage("rotated", rows * plan.cols * WORD), leftOut };
  }

  /** What has to be zero before `forward`. */
  zeroed(plan: Plan, rows: number, { leftOut }: Rotated): [GPUBuffer, number][] {
    return [...leftOutBytes(plan, rows).map((bytes, k): [GPUBuffer, number] => [leftOut[k], bytes]), [this.flag, WORD]];
  }

  /** Rotates rows that lie in one buffer into another. */
  async forward(plan: Plan, rows: number, original: GPUBuffer, into: Rotated): Promise<Dispatch[]> {
    const dispatches: Dispatch[] = [];
    for (const [k, transform] of plan.transforms.entries()) {
      const buffers = [this.#signs(k, transform), into.leftOut[k], this.flag, into.values];
      const shared = wordsOf(plan, rows, transform);
      const name = `rotate ${k}`;
      if (k > 0 || transform.block > HELD) {
        const uniform = this.#uniform(`${name}.find`, shared);
        const workgroups = Math.ceil(shared.count / ROTATE_THREADS);
        const used = [uniform, null, into.leftOut[k], null, null, original];
        dispatches.push({ pipeline: await this.#kernels.rotate("find"), label: "find", buffers: used, workgroups });
      }
      const passes = passesOf(shared, transform, false);
      for (const [p, words] of passes.entries()) {
        const apart = k === 0 && p === 0;
        const finds = Number(apart && transform.block <= HELD);
        const uniform = this.#uniform(`${name}.${p}`, { ...words, finds });
        dispatches.push(await this.#pass(words, [uniform, ...buffers, ...(apart ? [original] : [])], apart));
      }
    }
    return dispatches;
  }

  /** Rotates rows back in place, all but the blocks that were left out going in. */
  async inverse(plan: Plan, rows: number, values: GPUBuffer, leftOut: GPUBuffer[]): Promise<Dispatch[]> {
    const dispatches: Dispatch[] = [];
    for (let k = plan.transforms.length - 1; k >= 0; k--) {
      const transform = plan.transforms[k];
      const buffers = [this.#signs(k, transform, true), leftOut[k], this.flag, values];
      for (const [p, words] of passesOf(wordsOf(plan, rows, transform), transform, true).entries()) {
        const uniform = this.#uniform(`unrotate ${k}.${p}`, words);
        dispatches.push(await this.#pass(words, [uniform, ...buffers], false));
      }
    }
    return dispatches;
  }

  async #pass(words: RotateWords, buffers: GPUBuffer[], apart: boolean): Promise<Dispatch> {
    // What is held by nobody mixes runs across the whole block.
    if (words.held === 0) {
      const workgroups = Math.ceil(words.count / words.mix / ROTATE_THREADS);
      return { pipeline: await this.#kernels.rotate("mix"), label: "rotate", buffers, workgroups };
    }
    const pipeline = await this.#kernels.rotate(apart ? "apart" : "inPlace");
    return { pipeline, label: "rotate", buffers, workgroups: Math.ceil(words.count / words.held) };
  }

  #uniform(name: string, words: RotateWords): GPUBuffer {
    return this.#compute.upload(
      name,
      Int32Array.from(rotateFields, ([field]) => words[field]),
      true,
    );
  }

  #signs(k: number, transform: RowTransform, transposed = false): GPUBuffer {
    const name = `${transposed ? "unrotate" : "rotate"}.signs ${k}`;
    return this.#compute.upload(name, signWords(transform, transposed));
  }
}

/** Whether the kernels here know every transform of a plan: they take no other, whatever it is called. */
export const knowsTransforms = ({ transforms }: Plan): boolean => transforms.every(({ hadamard }) => hadamard);

/** What a rotation is made of. Throws for a transform that is none: `knowsTransforms` is asked before. */
export function rotationParts({ name, hadamard }: RowTransform): HadamardParts {
  if (!hadamard) throw new Error(`the GPU has no kernel for ${name}`);
  return hadamard;
}

/** What all passes of a rotation share. */
function wordsOf(plan: Plan, rows: number, transform: RowTransform): RotateWords {
  const { block } = transform;
  const hadamard = rotationParts(transform);
  const { least, most } = rangeOf(block);
  return {
    ...{ count: rows * plan.cols, cols: plan.cols, block, power: hadamard.power },
    ...{ held: 0, span: 1, stride: 1, run: 1, mix: 0, finds: 0, signs_in: 0, signs_out: 0, scales: 0 },
    least: floatBits(least),
    most: floatBits(most),
    factor: floatBits(hadamard.factor),
  };
}

/** The dispatches of one rotation: one where a workgroup holds a block, else runs first, then what lies far apart. */
function passesOf(shared: RotateWords, transform: RowTransform, back: boolean): RotateWords[] {
  const { block } = transform;
  const { paley, power, signs } = rotationParts(transform);
  const mix = paley > 1 ? paley : 0;
  const passes: RotateWords[] = [];
  if (block <= HELD) passes.push({ ...shared, held: Math.floor(HELD / block) * block, run: power, mix });
  else {
    const near = Math.min(power, HELD);
    passes.push({ ...shared, held: HELD, run: near });
    for (let stride = near; stride < power; ) {
      const sets = Math.min(power / stride, HELD / LEAST_SPAN);
      const span = Math.min(stride, HELD / sets);
      passes.push({ ...shared, held: sets * span, span, stride, run: sets * span });
      stride *= sets;
    }
    if (mix > 0) passes.push({ ...shared, mix });
  }
  const last = passes.length - 1;
  if (signs && !back) passes[0] = { ...passes[0], signs_in: 1 };
  return passes.map((words, p) =>
    p < last ? words : { ...words, scales: 1, signs_out: Number(back && signs !== null) },
  );
}

/** A bit a column of the matrix, set where a step's sign is negative. */
export const signBits = (transform: RowTransform): Uint32Array => signWords(transform, false).subarray(MIX_WORDS);

const known = new WeakMap<RowTransform, Uint32Array[]>();

/** The Paley matrix, or its transpose, by rows, then the signs by columns. */
function signWords(transform: RowTransform, transposed: boolean): Uint32Array {
  let both = known.get(transform);
  if (!both) {
    both = [false, true].map((t) => makeSignWords(transform, t));
    known.set(transform, both);
  }
  return both[Number(transposed)];
}

function makeSignWords(transform: RowTransform, transposed: boolean): Uint32Array {
  const { paley, signs } = rotationParts(transform);
  const words = new Uint32Array(MIX_WORDS + Math.ceil((signs?.length ?? 1) / 32));
  if (paley > 1) {
    const h = paleyMatrix(paley);
    for (let i = 0; i < paley; i++) {
      for (let j = 0; j < paley; j++) if (h[transposed ? j * paley + i : i * paley + j] < 0) words[i] |= 1 << j;
    }
  }
  signs?.forEach((sign, col) => {
    if (sign < 0) words[MIX_WORDS + (col >> 5)] |= 1 << (col & 31);
  });
  return words;
}
