/** Runs programs under python3, many in one process: starting NumPy takes longer than most of them do. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether there is a python3 with NumPy. */
export const hasNumpy = (): boolean => {
  try {
    execFileSync("python3", ["-c", "import numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** A program with the matrix it is given. */
export interface PythonJob {
  program: string;
  values: Float32Array;
  rows: number;
  cols: number;
}

export interface PythonResult {
  /** What went wrong; then there is nothing else. */
  error: string | null;
  result: Float32Array;
  codes: number[] | null;
  scales: Float32Array[];
}

/** Arrays go as raw bytes: 32-bit floats, codes as 64-bit integers. */
const DRIVER = `
import io, json, os, sys, traceback
import numpy as np
folder = sys.argv[1]
jobs = json.load(open(os.path.join(folder, "jobs.json")))
for i, (rows, cols) in enumerate(jobs):
    at = os.path.join(folder, str(i))
    np.save(at + ".npy", np.fromfile(at + ".bin", np.float32).reshape(rows, cols))
    sys.argv = ["this.py", at + ".npy", at]
    said, sys.stdout = sys.stdout, io.StringIO()
    try:
        exec(compile(open(at + ".py").read(), at + ".py", "exec"), {"__name__": "__main__"})
        for name in os.listdir(folder):
            if name.startswith(str(i) + ".") and name.endswith(".npy") and name != str(i) + ".npy":
                array = np.load(os.path.join(folder, name))
                array.astype(np.int64 if "codes" in name else np.float32).tofile(os.path.join(folder, name[:-4] + ".out"))
    except BaseException:
        open(at + ".error", "w").write(traceback.format_exc())
    sys.stdout = said
`;

export function runPython(jobs: readonly PythonJob[]): PythonResult[] {
  const folder = mkdtempSync(join(tmpdir(), "copy-as-python-"));
  try {
    jobs.forEach(({ program, values }, i) => {
      writeFileSync(join(folder, `${i}.py`), program);
      writeFileSync(join(folder, `${i}.bin`), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    });
    writeFileSync(join(folder, "jobs.json"), JSON.stringify(jobs.map(({ rows, cols }) => [rows, cols])));
    writeFileSync(join(folder, "driver.py"), DRIVER);
    execFileSync("python3", ["-W", "ignore", join(folder, "driver.py"), folder], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    return jobs.map((_, i) => readResult(folder, i));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readResult(folder: string, job: number): PythonResult {
  const read = (name: string): Uint8Array<ArrayBuffer> | null => {
    try {
      return Uint8Array.from(readFileSync(join(folder, `${job}.${name}`)));
    } catch {
      return null;
    }
  };
  const error = read("error");
  if (error) {
    return { error: new TextDecoder().decode(error), result: new Float32Array(), codes: null, scales: [] };
  }
  const floats = (name: string) => {
    const bytes = read(`${name}.out`);
    return bytes && new Float32Array(bytes.buffer);
  };
  const codes = read("codes.out");
  const scales: Float32Array[] = [];
  for (let k = 0, next = floats("scales0"); next; next = floats(`scales${++k}`)) scales.push(next);
  return {
    error: null,
    result: floats("result")!,
    codes: codes && Array.from(new BigInt64Array(codes.buffer), Number),
    scales,
  };
}
