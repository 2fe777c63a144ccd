/**
 * Names of tensors that are not in a source's list: a weight read otherwise than usual, `NAME?nibbles=high&scale=divide`,
 * and the stored parts of a weight, under names of their own. Both stand wherever a tensor's name does.
 */
import type { TensorInfo } from "../tensors/info.ts";

/** Splits an address into the tensor's name and the text of its readings; names may hold question marks themselves. */
export function splitAddress(address: string): { name: string; reading: string } | null {
  const match = /^(.*)\?([a-z]+=[a-z0-9]+(?:[&,][a-z]+=[a-z0-9]+)*)$/s.exec(address);
  return match && { name: match[1], reading: match[2] };
}

/** The address of a tensor under a reading, given as text. */
export function addressOf(name: string, reading: string): string {
  return reading === "" ? name : `${name}?${reading}`;
}

/** A source's tensors, and the activations that were captured of its model. */
interface Listed {
  readonly tensors: readonly TensorInfo[];
  readonly activations?: { readonly source: string; readonly tensors: readonly TensorInfo[] };
}

/** The open source that a tensor is read from: the model's own, or what was captured of it. */
export const sourceOf = (info: Listed & { id: string }, { name }: { name: string }): string =>
  info.activations?.tensors.some((one) => one.name === name) ? info.activations.source : info.id;

/** What a source says of the tensor at an address; undefined where there is none. */
export function findTensor({ tensors, activations }: Listed, address: string | null): TensorInfo | undefined {
  if (address === null) return undefined;
  const captured = activations?.tensors.find(({ name }) => name === address);
  if (captured) return captured;
  const listed = tensors.find(({ name }) => name === address);
  if (listed) return listed;
  const read = splitAddress(address);
  const weight = read && tensors.find(({ name, stored }) => stored && name === read.name);
  if (weight) return { ...weight, name: address };
  for (const { stored } of tensors) {
    const part = stored?.parts.find(({ info }) => info.name === address);
    if (part) return part.info;
  }
  return undefined;
}
