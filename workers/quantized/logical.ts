/** From a claim to a tensor that can be read. */
import type { TensorInfo } from "../protocol.ts";
import { countElements, type Tensor } from "../tensors/tensor.ts";
import { addressOf } from "./address.ts";
import { forgetBands, storedBytes } from "./bytes.ts";
import { codesRange, type Decoding, decodeRange, type Grid } from "./decoding.ts";
import type { Claim, Part } from "./layout.ts";
import type { LogicalTensor } from "./logical-tensor.ts";
import { type Choices, parseChoices, printChoices } from "./reading.ts";
import type { StoredAs, StoredPart } from "./stored.ts";

/** The tensor that a claim stands for. */
export function logicalTensor(claim: Claim): LogicalTensor {
  const shown = claim.parts.map((part) => shownPart(claim, part, claim.decode({})));
  const info: TensorInfo = {
    name: claim.name,
    dtype: claim.element,
    shape: claim.shape,
    elements: countElements(claim.shape),
    view: claim.view,
    stored: storedAs(claim, shown),
  };
  const read = (choices: Choices): LogicalTensor => {
    const decoding = claim.decode(choices);
    const name = addressOf(claim.name, printChoices(claim.readings, choices));
    return {
      info: { ...info, name },
      notes: claim.notes,
      decoding,
      parts: shown,
      readings: claim.readings,
      as: (text) => read(parseChoices(text, claim.name, claim.readings)),
      forget: () => forgetBands(claim.parts.map(({ tensor }) => tensor)),
      read: (begin, end, signal) => decodeRange(decoding, begin, end, signal),
    };
  };
  return read({});
}

function storedAs(claim: Claim, shown: readonly Tensor[]): StoredAs {
  const elements = countElements(claim.shape);
  const parts = claim.parts.map(({ role, tensor, counted }, i): StoredPart => {
    const bytes = storedBytes(tensor);
    return {
      role,
      info: shown[i].info,
      dtype: tensor.info.dtype,
      shape: tensor.info.shape,
      bytes,
      bitsPerWeight: counted === false ? 0 : (8 * bytes) / elements,
    };
  });
  const { layout, describe, source, recipe, recipeNote, readings } = claim;
  const bitsPerWeight = parts.reduce((sum, part) => sum + part.bitsPerWeight, 0);
  return { layout, describe, source, bitsPerWeight, parts, recipe, recipeNote, readings: [...readings] };
}

/** The part as a person wants to look at it: words full of codes are unpacked. */
function shownPart({ name, shape, view }: Claim, { role, tensor }: Part, decoding: Decoding): Tensor {
  const own = tensor.info.name === name ? `${name} (${role})` : tensor.info.name;
  const { bytes } = tensor.info;
  if (role === "codes") {
    const dtype = tensor.info.dtype.startsWith("F8") ? tensor.info.dtype : `${decoding.bits}-bit codes`;
    const info: TensorInfo = { name: own, dtype, shape, elements: countElements(shape), view, ...(bytes && { bytes }) };
    return { info, notes: [], read: (begin, end, signal) => codesRange(decoding, begin, end, signal) };
  }
  if (role === "zero points" && decoding.zeros && tensor.info.dtype.startsWith("I32")) {
    return gridTensor(own, "zero points", decoding, decoding.zeros, bytes);
  }
  return own === tensor.info.name ? tensor : { ...tensor, info: { ...tensor.info, name: own } };
}

/** One value a block, as a tensor. */
function gridTensor(name: string, dtype: string, d: Decoding, grid: Grid, bytes: TensorInfo["bytes"]): Tensor {
  const shape = [Math.ceil(d.rows / d.block.rows), grid.cols];
  const info: TensorInfo = {
    ...{ name, dtype, shape },
    elements: countElements(shape),
    view: { split: 1, transpose: false },
    ...(bytes && { bytes }),
  };
  return {
    info,
    notes: [],
    async read(begin, end, signal) {
      const g0 = Math.floor(begin / grid.cols);
      const values = await grid.rows(g0, Math.ceil(end / grid.cols), signal);
      return values.slice(begin - g0 * grid.cols, end - g0 * grid.cols);
    },
  };
}
