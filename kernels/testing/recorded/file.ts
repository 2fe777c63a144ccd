/** The file of what was recorded: tab-separated, a line for each matrix and recipe. */
import { readFileSync, writeFileSync } from "node:fs";
import { recordedMatrices, recordedRecipes } from "./grid.ts";
import { COLUMNS } from "./record.ts";

const path = new URL("recorded.tsv", import.meta.url);

/** One line: hashes of the reference's outcome by column, and what wasm and WebGPU made of it. */
export interface Line {
  cells: string[];
  wasm: string;
  webgpu: string;
}

export const lineKey = (matrix: string, recipe: string): string => `${matrix}\t${recipe}`;

/** Every matrix and recipe, in the order of the file. */
export const recordedPairs: readonly { matrix: string; recipe: string }[] = Object.keys(recordedMatrices).flatMap(
  (matrix) => recordedRecipes.map((recipe) => ({ matrix, recipe })),
);

/** What the file holds, by `lineKey`. A file of other columns is an error: then everything is recorded anew. */
export function readRecorded(): Map<string, Line> {
  const [head, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = head.split("\t").slice(2);
  return new Map(
    lines.map((text) => {
      const [matrix, recipe, ...cells] = text.split("\t");
      const [wasm, webgpu] = cells.splice(-2);
      const named = Object.fromEntries(cells.map((cell, i) => [columns[i], cell]));
      // A column that is new since has no hash yet: nothing is known to have moved in it.
      const known = cells[0] === "mistake" ? cells : COLUMNS.map((name) => named[name] ?? "");
      return [lineKey(matrix, recipe), { cells: known, wasm, webgpu }];
    }),
  );
}

export function writeRecorded(lines: Map<string, Line>): void {
  const head = ["matrix", "recipe", ...COLUMNS, "wasm", "webgpu"].join("\t");
  const body = recordedPairs.map(({ matrix, recipe }) => {
    const { cells, wasm, webgpu } = lines.get(lineKey(matrix, recipe))!;
    return [matrix, recipe, ...cells, wasm, webgpu].join("\t");
  });
  writeFileSync(path, `${[head, ...body].join("\n")}\n`);
}

/** Where two lines part: the names of the columns that moved. */
export function movedColumns(was: Line | undefined, cells: string[]): string[] {
  if (!was) return ["(new)"];
  if (was.cells[0] === "mistake" || cells[0] === "mistake") {
    return was.cells.join() === cells.join() ? [] : [was.cells[0] === cells[0] ? "message" : "whether it fits"];
  }
  return COLUMNS.filter((_, i) => was.cells[i] !== "" && was.cells[i] !== cells[i]);
}

/** How many lines moved in each column, and the first few of them, for people. */
export function summary(moved: { matrix: string; recipe: string; columns: string[] }[]): string {
  const counts = new Map<string, number>();
  for (const { columns } of moved) for (const name of columns) counts.set(name, (counts.get(name) ?? 0) + 1);
  const byColumn = [...counts].map(([name, n]) => `${name} in ${n}`).join(", ");
  const first = moved
    .slice(0, 12)
    .map(({ matrix, recipe, columns }) => `  ${recipe} on ${matrix}: ${columns.join(", ")}`);
  return [
    `${moved.length} lines of the record moved: ${byColumn}`,
    ...first,
    ...(moved.length > 12 ? ["  ..."] : []),
  ].join("\n");
}
