/**
 * Which array of a calibration is of which weight: the one that has its name. A final `.weight` is no part of a name, nor are the
 * words that programs put behind the name of a layer for its inputs.
 */
const ENDINGS = ["weight", "input", "inputs", "activations", "acts", "gram", "hessian", "H"];

/** The name of the layer that an array or a weight is of. */
export function layerName(name: string): string {
  let layer = name;
  for (;;) {
    const ending = ENDINGS.find((word) => layer.endsWith(`.${word}`));
    if (ending === undefined) return layer;
    layer = layer.slice(0, -ending.length - 1);
  }
}

/** The array that is named after a weight; undefined where there is none. */
function arrayNamed<T extends { name: string }>(arrays: readonly T[], weight: string): T | undefined {
  const layer = layerName(weight);
  return arrays.find(({ name }) => layerName(name) === layer);
}

/** The array for a weight: that of its name, or the only one there is; undefined where there is none. */
export function arrayFor<T extends { name: string }>(arrays: readonly T[], weight: string): T | undefined {
  return arrayNamed(arrays, weight) ?? (arrays.length === 1 ? arrays[0] : undefined);
}

/** Where an array that is used for a weight has the name of another layer: names of layers have dots. */
export function strangeName(array: string, weight: string): string | null {
  if (!layerName(array).includes(".") || layerName(array) === layerName(weight)) return null;
  return `the calibration's array is called ${array}, and is used for ${weight}: is it of another layer?`;
}
