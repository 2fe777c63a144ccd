/** Runs a few lines of NumPy over arrays: oracles that tests compare with. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A matrix for NumPy: float32 or float64, row-major. */
export interface NumpyArray {
  rows: number;
  cols: number;
  values: Float32Array | Float64Array;
}

const DRIVER = `
import json, os, sys
import numpy as np
folder = sys.argv[1]
given, wanted = json.load(open(os.path.join(folder, "jobs.json")))
names = {"np": np}
for name, (dtype, rows, cols) in given.items():
    names[name] = np.fromfile(os.path.join(folder, name), dtype).reshape(rows, cols)
exec(open(os.path.join(folder, "program.py")).read(), names)
for name in wanted:
    np.ascontiguousarray(names[name], np.float64).tofile(os.path.join(folder, "out." + name))
`;

/** Runs `program` with the arrays under their names; gives the arrays that it leaves under the names wanted, as float64. */
export function inNumpy(
  program: string,
  given: Record<string, NumpyArray>,
  wanted: readonly string[],
): Record<string, Float64Array> {
  const folder = mkdtempSync(join(tmpdir(), "numpy-"));
  try {
    const shapes = Object.entries(given).map(([name, { rows, cols, values }]) => {
      writeFileSync(join(folder, name), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return [name, [values instanceof Float32Array ? "<f4" : "<f8", rows, cols]];
    });
    writeFileSync(join(folder, "jobs.json"), JSON.stringify([Object.fromEntries(shapes), wanted]));
    writeFileSync(join(folder, "program.py"), program);
    writeFileSync(join(folder, "driver.py"), DRIVER);
    execFileSync("python3", [join(folder, "driver.py"), folder]);
    const read = (name: string) => new Float64Array(Uint8Array.from(readFileSync(join(folder, `out.${name}`))).buffer);
    return Object.fromEntries(wanted.map((name) => [name, read(name)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
