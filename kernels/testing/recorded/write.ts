/**
 * `npm run record`: computes the grid, prints what moved, and writes it down. WebGPU, slow in software, is asked again where the
 * reference or wasm moved; with `--all` everywhere; with `--no-webgpu` nowhere, and lines that moved then say "not run".
 */

import "../../notation/all.ts";
import { createWasmBackend } from "../../backends/wasm/index.ts";
import { createWebgpuBackend } from "../../backends/webgpu/backend.ts";
import { dawnDevice } from "../dawn.ts";
import { type Line, lineKey, movedColumns, readRecorded, recordedPairs, summary, writeRecorded } from "./file.ts";
import { recordedMatrices } from "./grid.ts";
import { outcomeOf } from "./record.ts";

const [all, without] = ["--all", "--no-webgpu"].map((flag) => process.argv.includes(flag));
const wasm = await createWasmBackend();
const webgpu = without ? null : await createWebgpuBackend(await dawnDevice());

let before = new Map<string, Line>();
try {
  before = readRecorded();
} catch {
  console.log("nothing was recorded before");
}
const after = new Map<string, Line>();
const moved: Parameters<typeof summary>[0] = [];
for (const [i, { matrix, recipe }] of recordedPairs.entries()) {
  const was = before.get(lineKey(matrix, recipe));
  const { cells, on } = await outcomeOf(recipe, recordedMatrices[matrix]);
  const onWasm = await on(wasm);
  const columns = movedColumns(was, cells);
  if (was && was.wasm !== onWasm) columns.push("wasm");
  const again = all || columns.length > 0 || was?.webgpu === "not run";
  const onGpu = !again && was ? was.webgpu : webgpu ? await on(webgpu) : "not run";
  if (was && webgpu && was.webgpu !== "not run" && was.webgpu !== onGpu) columns.push("webgpu");
  if (columns.length > 0) moved.push({ matrix, recipe, columns });
  after.set(lineKey(matrix, recipe), { cells, wasm: onWasm, webgpu: onGpu });
  if (i % 100 === 99) console.log(`${i + 1} of ${recordedPairs.length}`);
}
writeRecorded(after);
console.log(moved.length > 0 ? summary(moved) : "nothing moved");
for (const name of ["wasm", "webgpu"] as const) {
  const parted = [...after].filter(([, line]) => !["same", "refused", "not run"].includes(line[name]));
  if (parted.length > 0)
    console.log(`${name} parts from the reference in ${parted.length} lines: ${parted[0][0]} ${parted[0][1][name]}`);
}
// Dawn keeps the process alive.
process.exit(0);
