/**
 * What ExLlamaV3's `util/measure.py` writes (turboderp-org/exllamav3, `exllamav3/conversion/measure_model.py`): a quantized model as
 * `base`, others of more bits as `alts`, and for groups of `layers` by how much the divergence of the whole model changes (`dkld`, nats a
 * token) and how many bits more are stored (`dbits`) where the group alone is taken from each of the others. `base_kld` is the divergence
 * of the base.
 */
import { UserError } from "../../errors/user-error.ts";
import type { SourceInfo } from "../../sources/info.ts";
import { readGrid } from "../grid.ts";
import type { ScoredMatrix } from "../tensors.ts";
import type { ScoreFile } from "../types.ts";
import { importedFile, unreadTensor } from "./file.ts";
import { checkMatch, matchesOf } from "./match.ts";

export const EXL3_SIGNAL = "exl3";

interface Measurement {
  base: { dir: string; bpw: number };
  alts: { dir: string; bpw: number }[];
  groups: { layers: string[]; candidates: { dkld: number | null; dbits: number }[] }[];
  base_kld: number;
}

export const isExl3 = (json: unknown): boolean =>
  typeof json === "object" && json !== null && "groups" in json && "alts" in json && "base" in json;

/** A model's bits a weight are those of its codes and a little beside; further from whole bits it is a mix itself. */
const BESIDE = 0.15;
/** Stored bits of a group, as they are told and as they follow from the sizes here, differ by no more. */
const SIZES = 0.25;

export function importExl3(json: unknown, label: string, info: SourceInfo): ScoreFile {
  const { base, alts, groups } = checked(json, label);
  const notes: string[] = [];
  const models = [base, ...alts];
  const columns = models.map(({ bpw }) => (Math.abs(bpw - Math.round(bpw)) <= BESIDE ? Math.round(bpw) : null));
  const mixes = models.filter((_, m) => columns[m] === null || columns.indexOf(columns[m]) !== m);
  if (columns[0] === null) {
    throw new UserError(
      `${label}: its base has ${base.bpw.toFixed(2)} bits a weight, so it is a mix itself, and which tensor has what is not told.`,
    );
  }
  for (const { bpw } of mixes) {
    notes.push(`${label}: the model of ${bpw.toFixed(2)} bits a weight is left out: no one recipe makes it`);
  }
  const used = models.map((_, m) => m).filter((m) => !mixes.includes(models[m]));
  const grid = readGrid(
    used.map((m) => `exl3(bits=${columns[m]})`),
    [],
  );
  const matches = matchesOf(info);
  const values = new Map<string, (number | null)[]>();
  const [unknown, misfits]: string[][] = [[], []];
  let fused = 0;
  for (const { layers, candidates } of groups) {
    const found = layers.map((name) => ({ name, matrix: matches.find(name) }));
    for (const { name, matrix } of found) if (!matrix) unknown.push(name);
    const matrices = found.flatMap(({ matrix }) => (matrix ? [matrix] : []));
    if (matrices.length < layers.length) continue;
    if (!sizesFit(matrices, models, candidates)) {
      misfits.push(...layers);
      continue;
    }
    if (layers.length > 1) fused++;
    const elements = matrices.reduce((sum, matrix) => sum + matrix.elements, 0);
    for (const matrix of matrices) {
      const share = matrix.elements / elements;
      values.set(
        matrix.name,
        used.map((m) => {
          const change = m === 0 ? 0 : candidates[m - 1].dkld;
          return change === null ? null : change * share;
        }),
      );
    }
  }
  notes.push(...checkMatch(label, info.label, { fitting: [...values.keys()], unknown, misfits }, matches));
  if (fused > 0) {
    notes.push(
      `${label}: ${fused} groups of several tensors were measured as one; each tensor has the share of its size of what was measured`,
    );
  }
  const matrices = matches.matrices.filter(({ name }) => values.has(name));
  return importedFile(
    info,
    grid.recipes.map(({ text }) => text),
    matrices.map((matrix) => unreadTensor(matrix, grid)),
    {
      [EXL3_SIGNAL]: {
        values: matrices.map(({ name }) => values.get(name)!),
        about: `ExLlamaV3's measurement (${label}): change of the model's KL divergence against that of its ${base.bpw.toFixed(2)}-bit model, where this tensor alone has more bits; it measured that model's as ${(json as Measurement).base_kld} nats`,
      },
    },
    notes,
  );
}

/** Whether the bits that a group takes more are those of tensors of this size. */
function sizesFit(
  matrices: readonly ScoredMatrix[],
  models: readonly { bpw: number }[],
  candidates: Measurement["groups"][number]["candidates"],
): boolean {
  const elements = matrices.reduce((sum, matrix) => sum + matrix.elements, 0);
  return candidates.every(({ dbits }, c) => {
    const expected = (models[c + 1].bpw - models[0].bpw) * elements;
    return Math.abs(dbits - expected) <= SIZES * Math.abs(expected) + elements / 16;
  });
}

function checked(json: unknown, label: string): Measurement {
  const wrong = (what: string): UserError => new UserError(`${label} is no measurement that can be read: ${what}.`);
  const { base, alts, groups, base_kld } = json as Partial<Measurement>;
  const model = (one: unknown): boolean =>
    typeof one === "object" && one !== null && Number.isFinite((one as { bpw: unknown }).bpw as number);
  if (!model(base)) throw wrong(`"base" has no bits a weight`);
  if (!Array.isArray(alts) || alts.length === 0 || !alts.every(model))
    throw wrong(`"alts" are no models with bits a weight`);
  if (typeof base_kld !== "number") throw wrong(`"base_kld" is no number`);
  if (!Array.isArray(groups) || groups.length === 0) throw wrong(`"groups" is no list`);
  for (const [g, group] of groups.entries()) {
    const { layers, candidates } = (group ?? {}) as Partial<Measurement["groups"][number]>;
    if (!Array.isArray(layers) || layers.length === 0 || !layers.every((name) => typeof name === "string")) {
      throw wrong(`group ${g} names no layers`);
    }
    if (!Array.isArray(candidates) || candidates.length !== alts.length) {
      throw wrong(
        `group ${g} has ${Array.isArray(candidates) ? candidates.length : "no"} candidates for ${alts.length} models`,
      );
    }
    const bad = candidates.findIndex(
      (one) => !one || (one.dkld !== null && !Number.isFinite(one.dkld)) || !Number.isFinite(one.dbits),
    );
    if (bad >= 0) throw wrong(`candidate ${bad} of group ${g} has no "dkld" and "dbits" that are numbers`);
  }
  return json as Measurement;
}
