/**
 * Of all weights that a calibration knows of: what `llama-imatrix --show-statistics` prints of their inputs, from an importance matrix or
 * from what was captured, without reading more than channel statistics.
 */
import {
  type LayerStatistics,
  layerCosines,
  layerStatistics,
  type MeanShift,
  meanShift,
} from "../../kernels/signals/inputs/layers.ts";
import {
  type InputStatistics,
  type InputSums,
  inputStatistics,
  sumsOfCalibration,
} from "../../kernels/signals/inputs/statistics.ts";
import type { JobControl } from "../pace/pace.ts";
import { PARTS } from "./capture.ts";
import { readFloat64 } from "./gram.ts";
import { type OpenCalibration, ownNames } from "./open.ts";

export interface InputRow {
  name: string;
  /** Counted from 0; null outside of layers. */
  layer: number | null;
  /** The name without its layer: what the tensor is compared by with the layer before. */
  role: string;
  /** Null where nothing is known of its channels' squares, or no token was met. */
  statistics: InputStatistics | null;
  /** Cosine of its sums of squares with those of the layer before; null where there is none. */
  cosine: number | null;
  /** How its means moved from the layer before; null where means are not known, as of importance matrices without sums of inputs. */
  shift: MeanShift | null;
}

export interface InputTable {
  /** In the order of the file. */
  tensors: InputRow[];
  layers: LayerStatistics[];
}

/** What is read of a weight's inputs. */
interface Channels {
  sums: InputSums | null;
  mean: Float64Array | null;
}

/** The first number between dots is the layer: `blk.3.attn_q.weight`, `model.layers.3.self_attn.q_proj.weight`. */
export function placeOf(name: string): { layer: number | null; role: string } {
  const found = /(?:^|\.)(\d+)\./.exec(name);
  if (!found) return { layer: null, role: name };
  const [at, digits] = [found.index + found[0].indexOf(found[1]), found[1]];
  return { layer: Number(digits), role: `${name.slice(0, at)}*${name.slice(at + digits.length)}` };
}

/** The table. Rejects with UserError where an array is not what its name says, and with AbortError. */
export async function inputTable(calibration: OpenCalibration, control: JobControl): Promise<InputTable> {
  const names = namesOf(calibration);
  const read: Channels[] = [];
  for (const [i, name] of names.entries()) {
    control.signal.throwIfAborted();
    control.progress({ done: i, total: names.length, unit: "tensors", phase: "inputs" });
    read.push(await channelsOf(calibration, name, control));
  }
  const places = names.map(placeOf);
  const cosines = layerCosines(places.map((place, i) => ({ ...place, sums: read[i].sums?.sums ?? null })));
  const byPlace = new Map(places.map(({ layer, role }, i) => [`${layer} ${role}`, read[i].mean]));
  const tensors = names.map((name, i): InputRow => {
    const [{ layer, role }, { sums, mean }] = [places[i], read[i]];
    const before = layer === null ? null : (byPlace.get(`${layer - 1} ${role}`) ?? null);
    return {
      ...{ name, layer, role },
      statistics: sums && inputStatistics(sums),
      cosine: cosines[i],
      shift: mean && meanShift(mean, before),
    };
  });
  return { tensors, layers: layerStatistics(tensors) };
}

/** Weights by name: those of a capture that share another's inputs among them. */
function namesOf({ info, captured }: OpenCalibration): string[] {
  if (!captured) return info.arrays;
  const sharing = new Map<string, string[]>();
  for (const [key, layer] of Object.entries(captured.info.metadata)) {
    const weight = /^inputs of (.+)$/.exec(key)?.[1];
    if (weight !== undefined && weight !== layer) sharing.set(layer, [...(sharing.get(layer) ?? []), weight]);
  }
  return info.arrays.flatMap((layer) => [layer, ...(sharing.get(layer) ?? [])]);
}

/** Of every matrix by itself; 0 where it met no token, as llama.cpp has it. */
function meansByChannel(plain: Float32Array, counts: Float64Array): Float64Array {
  const each = plain.length / counts.length;
  return Float64Array.from(plain, (sum, i) => {
    const count = counts[Math.floor(i / each)];
    return count > 0 ? sum / count : 0;
  });
}

async function channelsOf(calibration: OpenCalibration, name: string, control: JobControl): Promise<Channels> {
  const { imatrix, captured, info } = calibration;
  if (imatrix) {
    const entry = imatrix.entries.find((one) => one.name === name)!;
    const read = await entry.read(control.signal);
    return { sums: read, mean: read.plain ? meansByChannel(read.plain, read.counts) : null };
  }
  if (!captured) {
    // The width is the array's own.
    const of = await calibration.of({ name, cols: 0 }, control);
    return { sums: sumsOfCalibration(of), mean: of.mean };
  }
  const layer = info.arrays.includes(name) ? name : captured.info.metadata[`inputs of ${name}`];
  const names = ownNames(captured);
  const array = async (key: keyof typeof PARTS) => {
    const full = names.get(`${layer}.${PARTS[key]}`);
    return full === undefined ? null : readFloat64(captured.tensor(full), control.signal);
  };
  const [meanSquare, experts, mean] = [await array("meanSquare"), await array("experts"), await array("mean")];
  const squares = experts ?? meanSquare;
  if (squares === null || meanSquare === null) return { sums: null, mean };
  return { sums: { sums: squares, counts: new Array(squares.length / meanSquare.length).fill(1) }, mean };
}
