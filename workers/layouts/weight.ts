/**
 * A recognised weight. A model may have a hundred thousand of them, so each holds what a list shows of it and the stored
 * tensors it is made of; how to decode it is asked of its layout again when it is opened.
 */
import type { TensorInfo } from "../tensors/info.ts";
import { countElements } from "../tensors/shape.ts";
import type { StoredAs, StoredKind, StoredPart } from "../tensors/stored.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { addressOf } from "./address.ts";
import { forgetBands, storedBytes } from "./bytes.ts";
import type { Config } from "./config.ts";
import { codesRange, type Decoding, decodeRange, type Grid, gridRowOf } from "./decoding.ts";
import type { Claim, Layout, Part } from "./layout.ts";
import type { LogicalTensor } from "./logical-tensor.ts";
import { type Choices, parseChoices, printChoices } from "./reading.ts";

/** What the weights of a checkpoint share. */
export interface Origin {
  config: Config;
  metadata: Readonly<Record<string, string>>;
}

/** Who recognised a weight, by which tensor, and of which tensors it is made. */
interface Recognition {
  layout: Layout;
  anchor: Tensor;
  tensors: readonly Tensor[];
  origin: Origin;
}

export class Weight implements LogicalTensor {
  readonly info: TensorInfo & { stored: StoredAs };
  readonly #name: string;
  readonly #by: Recognition;
  readonly #choices: Choices;
  readonly #said: readonly string[];
  #claimed: Promise<Claim> | undefined;

  /** `info` is of the usual reading. */
  constructor(
    info: TensorInfo & { stored: StoredAs },
    said: readonly string[],
    by: Recognition,
    choices: Choices = {},
  ) {
    const address = addressOf(info.name, printChoices(info.stored.kind.readings, choices));
    this.info = address === info.name ? info : { ...info, name: address };
    this.#said = said;
    this.#name = info.name;
    this.#by = by;
    this.#choices = choices;
  }

  /** From what a layout has just said of it. `kind` is what it shares with others. */
  static of(claim: Claim, kind: StoredKind, layout: Layout, anchor: Tensor, origin: Origin): Weight {
    const { name, shape, view, element: dtype, notes } = claim;
    const elements = countElements(shape);
    const parts = claim.parts.map((part) => storedPart(claim, part, elements));
    const bitsPerWeight = parts.reduce((sum, part) => sum + part.bitsPerWeight, 0);
    const tensors = claim.parts.map(({ tensor }) => tensor);
    const info = { name, dtype, shape, elements, view, stored: { kind, bitsPerWeight, parts } };
    return new Weight(info, notes, { layout, anchor, tensors, origin });
  }

  get notes(): string[] {
    const { kind, bitsPerWeight } = this.info.stored;
    const doubt = kind.doubt ? [kind.doubt] : [];
    return [
      `Decoded from ${kind.layout}, ${bitsPerWeight.toFixed(2)} bits a weight as stored`,
      ...doubt,
      ...this.#said,
    ];
  }

  get tensors(): readonly Tensor[] {
    return this.#by.tensors;
  }

  get readings() {
    return this.info.stored.kind.readings;
  }

  async decoding(): Promise<Decoding> {
    return (await this.#claim()).decode(this.#choices);
  }

  part(name: string): Tensor | undefined {
    const index = this.info.stored.parts.findIndex((part) => part.info.name === name);
    if (index < 0) return undefined;
    const { role, info } = this.info.stored.parts[index];
    const tensor = this.tensors[index];
    const opened = (read: Tensor["read"]): Tensor => ({ info, notes: [], read });
    // Parts are shown as the weight is usually read.
    const usual = async () => (await this.#claim()).decode({});
    if (role === "codes") return opened(async (begin, end, signal) => codesRange(await usual(), begin, end, signal));
    if (info.dtype === ZERO_POINTS) {
      return opened(async (begin, end, signal) => gridRange((await usual()).zeros!, begin, end, signal));
    }
    return tensor.info === info ? tensor : { ...tensor, info };
  }

  as(reading: string): Weight {
    const choices = parseChoices(reading, this.#name, this.readings);
    return new Weight({ ...this.info, name: this.#name }, this.#said, this.#by, choices);
  }

  async read(begin: number, end: number, signal?: AbortSignal): Promise<Float32Array> {
    return decodeRange(await this.decoding(), begin, end, signal);
  }

  forget(): void {
    forgetBands(this.tensors);
    this.#claimed = undefined;
  }

  /** What the layout says, asked once and kept while the weight is looked at. */
  #claim(): Promise<Claim> {
    const { layout, anchor, tensors, origin } = this.#by;
    const find = (name: string) => tensors.find(({ info }) => info.name === name);
    // The layout has accepted these very tensors before.
    this.#claimed ??= Promise.resolve(layout.claim(anchor, { find, ...origin })).then((claim) => claim!);
    this.#claimed.catch(() => {
      this.#claimed = undefined;
    });
    return this.#claimed;
  }
}

/** What the element type of zero points is called once they are unpacked. */
const ZERO_POINTS = "zero points";

/** The part as a person wants to look at it: words full of codes are unpacked. */
function storedPart(claim: Claim, { role, tensor, counted }: Part, elements: number): StoredPart {
  const { dtype, shape, bytes } = tensor.info;
  const bitsPerWeight = counted === false ? 0 : (8 * storedBytes(tensor)) / elements;
  const name = tensor.info.name === claim.name ? `${claim.name} (${role})` : tensor.info.name;
  const place = bytes && { bytes };
  if (role === "codes") {
    const unpacked = { name, dtype: dtype.startsWith("F8") ? dtype : "codes", shape: claim.shape, elements };
    return { role, info: { ...unpacked, view: claim.view, ...place }, dtype, shape, bitsPerWeight };
  }
  // Those that are added to the values (`offsets`) are not packed.
  const packed = role === "zero points" && dtype === "I32" ? claim.decode({}) : undefined;
  if (packed?.zeros) {
    const { rows, block, zeros } = packed;
    const grid = [gridRowOf(block, rows - 1) + 1, zeros.cols];
    const unpacked = { name, dtype: ZERO_POINTS, shape: grid, elements: countElements(grid) };
    return { role, info: { ...unpacked, view: { split: 1, transpose: false }, ...place }, dtype, shape, bitsPerWeight };
  }
  const info = name === tensor.info.name ? tensor.info : { ...tensor.info, name };
  return { role, info, dtype, shape, bitsPerWeight };
}

async function gridRange(grid: Grid, begin: number, end: number, signal?: AbortSignal): Promise<Float32Array> {
  const row0 = Math.floor(begin / grid.cols);
  const values = await grid.rows(row0, Math.ceil(end / grid.cols), signal);
  return values.slice(begin - row0 * grid.cols, end - row0 * grid.cols);
}
