/** Which tensor of the open checkpoint another program's name stands for, and whether the file is of this checkpoint at all. */
import { UserError } from "../../errors/user-error.ts";
import { commonName } from "../../pairing/names.ts";
import type { SourceInfo } from "../../sources/info.ts";
import { chooseTensors, type ScoredMatrix } from "../tensors.ts";
import { USUAL_KINDS } from "../types.ts";

/** Without what stands for the array in a module. */
const moduleOf = (name: string): string => commonName(name).replace(/\.weight$/, "");

export interface Matches {
  /** Every matrix that may have scores, in the order of the source. */
  matrices: readonly ScoredMatrix[];
  /** Null where nothing, or more than one matrix, has the name. */
  find(name: string): ScoredMatrix | null;
}

export function matchesOf(info: SourceInfo): Matches {
  const { matrices } = chooseTensors(info, { ...USUAL_KINDS, embeddings: true, head: true }, []);
  const byModule = new Map<string, ScoredMatrix | null>();
  for (const matrix of matrices) {
    const key = moduleOf(matrix.name);
    byModule.set(key, byModule.has(key) ? null : matrix);
  }
  return { matrices, find: (name) => byModule.get(moduleOf(name)) ?? null };
}

const SHOWN = 3;
const some = (names: readonly string[]): string =>
  `${names.slice(0, SHOWN).join(", ")}${names.length > SHOWN ? " ..." : ""}`;

/**
 * What is told of a match: names without a tensor here, tensors of another size, tensors without a score. Throws UserError where less than half of
 * the names fit: then the file is of another checkpoint.
 */
export function checkMatch(
  label: string,
  checkpoint: string,
  { fitting, unknown, misfits }: { fitting: readonly string[]; unknown: readonly string[]; misfits: readonly string[] },
  { matrices }: Matches,
): string[] {
  const total = fitting.length + unknown.length + misfits.length;
  const said = [
    ...(unknown.length > 0 ? [`${unknown.length} of ${total} names stand for no tensor of it (${some(unknown)})`] : []),
    ...(misfits.length > 0 ? [`${misfits.length} of ${total} are of another size (${some(misfits)})`] : []),
  ];
  if (2 * fitting.length < total || fitting.length === 0) {
    throw new UserError(
      `${label} is of another checkpoint than ${checkpoint}: ${total === 0 ? "it names no tensors" : said.join(", ")}.`,
    );
  }
  const scored = new Set(fitting);
  const without = matrices.map(({ name }) => name).filter((name) => !scored.has(name));
  if (without.length > 0)
    said.push(`${without.length} of ${matrices.length} tensors have no score in it (${some(without)})`);
  return said.map((one) => `${label}: ${one}`);
}
