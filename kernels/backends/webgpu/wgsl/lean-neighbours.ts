import { ACROSS, pool } from "./lean-fields.ts";
import { each } from "./lean-text.ts";

const steps = Array.from({ length: Math.log2(ACROSS) }, (_, k) => 2 ** k);

/** Joins what neighbours hold, over a power of two of threads from steps of `least` on; all of them get the result. */
const overThreads = (name: string, type: string, join: string, words: string, back: string, subgroup: number) => `
fn ${name}(thread: u32, own: ${type}, least: u32, threads: u32) -> ${type} {
  var joined = own;
  ${each(steps, (step) =>
    step < subgroup
      ? `if (threads > ${step}u && least <= ${step}u) { let other = ${shuffled(type, "joined", step)}; joined = ${join}; }`
      : `if (threads > ${step}u && least <= ${step}u) {
    workgroupBarrier();
    ${words}
    workgroupBarrier();
    let first = ${pool.scratch}u + 3u * (thread ^ ${step}u);
    let other = ${back};
    joined = ${join};
  }`,
  )}
  return joined;
}`;

const shuffled = (type: string, name: string, step: number) =>
  type === "Segment"
    ? `Segment(subgroupShuffleXor(${name}.sums, ${step}u), subgroupShuffleXor(${name}.most, ${step}u))`
    : `subgroupShuffleXor(${name}, ${step}u)`;

/** More rows at once would take more registers than the steps that they save are worth. */
const MOST_ROWS = 4;
/** Rows that are joined at once, as powers of two, where so many threads are known to be a subgroup's. */
export const rowStepsOf = (subgroup: number): number => Math.log2(Math.min(subgroup, MOST_ROWS));

/**
 * Sums of segments. Each thread has a part of every row; of two rows a thread gives away the one and takes its
 * neighbour's part of the other, then of what two pairs gave, and so on: half the steps and half as much in each as if
 * every row were summed by itself. Rows end with the thread whose number has the row's last bits.
 */
const joinRows = (level: number, levels: number): string =>
  level === levels
    ? ""
    : `if (lean.row_steps > ${level}u) {
    if ((r & ${2 ** level}u) == 0u) {
      held${level} = part;
      complete = false;
    } else {
      part = of_two_rows(held${level}, part, (thread & ${2 ** level}u) != 0u, ${2 ** level}u);
      ${joinRows(level + 1, levels)}
    }
  }`;

export const heldRows = (subgroup: number) =>
  each(
    Array.from({ length: rowStepsOf(subgroup) }, (_, k) => k),
    (k) => `var held${k} = Segment();`,
  );
export const joinedRows = (subgroup: number) => joinRows(0, rowStepsOf(subgroup));

/** Largest words, and what rows hold, over neighbours. */
export const neighboursWgsl = (subgroup: number) => `
// Of errors and signals, and the largest error.
struct Segment { sums: vec2<f32>, most: u32 }
fn both(a: Segment, b: Segment) -> Segment { return Segment(a.sums + b.sums, max(a.most, b.most)); }
fn scratch(thread: u32, k: u32, word: u32) { atomicStore(&pool[${pool.scratch}u + 3u * thread + k], word); }
${overThreads(
  "most_of",
  "u32",
  "max(joined, other)",
  "scratch(thread, 0u, joined);",
  "atomicLoad(&pool[first])",
  subgroup,
)}
${overThreads(
  "segment_of",
  "Segment",
  "both(joined, other)",
  "scratch(thread, 0u, bitcast<u32>(joined.sums.x)); scratch(thread, 1u, bitcast<u32>(joined.sums.y)); scratch(thread, 2u, joined.most);",
  "Segment(vec2<f32>(bitcast<f32>(atomicLoad(&pool[first])), bitcast<f32>(atomicLoad(&pool[first + 1u]))), atomicLoad(&pool[first + 2u]))",
  subgroup,
)}
${
  subgroup > 1
    ? `fn of_two_rows(first: Segment, second: Segment, takes_second: bool, step: u32) -> Segment {
  var own = first;
  var given = second;
  if (takes_second) { own = second; given = first; }
  return both(own, Segment(subgroupShuffleXor(given.sums, step), subgroupShuffleXor(given.most, step)));
}`
    : ""
}`;
