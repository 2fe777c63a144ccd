/** Formats for people: by name, with their codes and their range. */
export type { Top } from "../exact/small-float.ts";
export { codeBits, codeCount, decode, infinityCode, nanCode, signBit } from "./codes.ts";
export { type Ladder, ladderOf } from "./ladder.ts";
export { formatRange } from "./range.ts";
export { buildFormat, formatEntry, formats } from "./registry.ts";
export { codeTable } from "./table.ts";
export type { CodebookFormat, CodedFormat, FloatFormat, Format, IntegerFormat } from "./types.ts";
