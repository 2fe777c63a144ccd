/** How stored bits are read, where files do not say it: nibble order, the sense of a scale, zero points less one. */
import { UserError } from "../errors/user-error.ts";
import type { Reading } from "../tensors/stored.ts";
import type { BitOrder } from "./facts.ts";

/** The option chosen for each reading that is not read as usual. */
export type Choices = Readonly<Record<string, string>>;

const option = (id: string, label: string) => ({ id, label });

const firstIn = (id: string, label: string, what: string, usual: "low" | "high"): Reading => ({
  id,
  label,
  options: [option("low", `first element in the low ${what}`), option("high", `first element in the high ${what}`)],
  usual,
});
const sense = (id: string, label: string, usual: "multiply" | "divide"): Reading => ({
  id,
  label,
  options: [option("multiply", "multiply by it"), option("divide", "divide by it")],
  usual,
});

/** Every question there is. Layouts name those that are open for them. */
export const readings = {
  nibblesLow: firstIn("nibbles", "Nibble order", "nibble", "low"),
  nibblesHigh: firstIn("nibbles", "Nibble order", "nibble", "high"),
  bitsLow: firstIn("order", "Order in a word", "bits", "low"),
  bitsHigh: firstIn("order", "Order in a word", "bits", "high"),
  awqOrder: {
    id: "order",
    label: "Order in a word",
    options: [option("awq", "AWQ's: nibbles 0 4 1 5 2 6 3 7"), option("plain", "plain: lowest nibble first")],
    usual: "awq",
  },
  offset: {
    id: "codes",
    label: "Codes",
    options: [option("offset", "stored plus half the range"), option("signed", "two's complement")],
    usual: "offset",
  },
  packing: {
    id: "packing",
    label: "Packing of words",
    options: [option("dense", "without gaps, across words"), option("whole", "whole codes in each word")],
    usual: "dense",
  },
  zeroV1: {
    id: "zero",
    label: "Zero points",
    options: [option("v1", "stored less one (version 1)"), option("v2", "stored as they are (version 2)")],
    usual: "v1",
  },
  zeroV2: {
    id: "zero",
    label: "Zero points",
    options: [option("v1", "stored less one (version 1)"), option("v2", "stored as they are (version 2)")],
    usual: "v2",
  },
  scale: sense("scale", "Scale", "multiply"),
  globalMultiply: sense("global", "Global scale", "multiply"),
  globalDivide: sense("global", "Global scale", "divide"),
  scalesPlain: {
    id: "scales",
    label: "Order of scales",
    options: [option("plain", "row by row"), option("swizzled", "tiles of 128 x 4, as GPUs hold them")],
    usual: "plain",
  },
  scalesSwizzled: {
    id: "scales",
    label: "Order of scales",
    options: [option("plain", "row by row"), option("swizzled", "tiles of 128 x 4, as GPUs hold them")],
    usual: "swizzled",
  },
} satisfies Record<string, Reading>;

/** The question in which nibble the first element is, for a library that means `usual`. */
export const nibbleOrder = (usual: BitOrder): Reading => (usual === "low" ? readings.nibblesLow : readings.nibblesHigh);

/** The same of the bits of a word. */
export const wordOrder = (usual: BitOrder): Reading => (usual === "low" ? readings.bitsLow : readings.bitsHigh);

/** The question whether block scales are multiplied with a global one. */
export const globalSense = (usual: "multiply" | "divide"): Reading =>
  usual === "multiply" ? readings.globalMultiply : readings.globalDivide;

/** The order chosen. */
export function bitOrder(reading: Reading, choices: Choices): BitOrder {
  return chosen(reading, choices) === "low" ? "low" : "high";
}

/** What is chosen for a reading: the usual unless said otherwise. */
export function chosen(reading: Reading, choices: Choices): string {
  return choices[reading.id] ?? reading.usual;
}

/** The text of choices, in the order of the readings; empty where all is as usual. */
export function printChoices(all: readonly Reading[], choices: Choices): string {
  return all
    .filter((r) => chosen(r, choices) !== r.usual)
    .map((r) => `${r.id}=${chosen(r, choices)}`)
    .join("&");
}

/** Reads `nibbles=high&scale=divide` (or with commas). Throws UserError with what there is to choose, or for two answers to one. */
export function parseChoices(text: string, name: string, all: readonly Reading[]): Choices {
  const choices: Record<string, string> = {};
  const said = new Set<string>();
  for (const part of text.split(/[&,]/).filter((p) => p !== "")) {
    const [id, value] = part.split("=", 2);
    const reading = all.find((r) => r.id === id);
    if (!reading?.options.some((o) => o.id === value)) {
      const offered = all.map((r) => `${r.id}=${r.options.map((o) => o.id).join("|")}`).join(", ");
      throw new UserError(
        offered === ""
          ? `${name} can be read in one way only, so "${part}" says nothing about it.`
          : `${name} has no reading "${part}". There are ${offered}.`,
      );
    }
    if (said.has(id)) throw new UserError(`${name} is told twice how to be read: "${text}" has ${id} more than once.`);
    said.add(id);
    if (value !== reading.usual) choices[id] = value;
  }
  return choices;
}
