import { describe, expect, it } from "vitest";
import { standardBackends } from "../backends/standard.ts";
import { CAPTURE_FORMAT } from "../calibration/capture.ts";
import { npyOf, safetensorsOf } from "../calibration/files-for-test.ts";
import * as jobs from "../jobs/index.ts";
import type { Target } from "../runs/target.ts";
import { Workbench } from "./workbench.ts";

const control = { signal: new AbortController().signal, progress: () => {}, give: () => {} };

async function bench() {
  const workbench = new Workbench({ backends: standardBackends(null) });
  const generator = { name: "normal", rows: 16, cols: 32, seed: 1, params: {} };
  await workbench.open({ kind: "generator", generator }, "s", control.signal);
  await workbench.open({ kind: "synthetic", text: "outliers(tokens=100,seed=1)" }, "c", control.signal);
  return workbench;
}
const target: Target = { source: "s", tensor: "normal", view: { split: 1, transpose: false } };
const how = { definitions: [], backend: null };

describe("a calibration beside a source", () => {
  it("is opened under a name, as a source without tensors", async () => {
    const workbench = await bench();
    const file = new File([npyOf(new Float32Array(64), [2, 32]).slice().buffer], "X.npy");
    const info = await workbench.open({ kind: "calibration", files: [file], taken: null }, "f", control.signal);
    expect(info).toMatchObject({ id: "f", kind: "activations", label: "X.npy", tensors: [] });
    expect(info.fingerprints).toMatchObject([{ name: "X.npy", size: file.size }]);
  });

  it("that was captured is a source of the activations that it keeps, under the names of all weights that meet them", async () => {
    const rows = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i));
    const bytes = safetensorsOf(
      {
        "l.q.weight.tokens": { values: BigInt64Array.of(4n), shape: [] },
        "l.q.weight.rows": { values: rows, shape: [4, 32] },
        "l.keys": { values: rows.slice(0, 64), shape: [4, 16] },
      },
      { format: CAPTURE_FORMAT, "inputs of l.k.weight": "l.q.weight" },
    );
    const workbench = await bench();
    const file = new File([bytes.slice().buffer], "cap.safetensors");
    const info = await workbench.open({ kind: "calibration", files: [file], taken: "capture" }, "f", control.signal);
    expect(info.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ["l.q.input", [4, 32]],
      ["l.k.input", [4, 32]],
      ["l.keys", [4, 16]],
    ]);
    const of = { source: "f", tensor: "l.k.input", view: { split: 1, transpose: false } };
    const report = await jobs.run.work({ target: of, recipe: "int8/row", ...how }, workbench, control);
    expect([report.tensor, report.matrix.rows, report.metrics.nmse! < 1e-4]).toEqual(["l.k.input", 4, true]);
    await workbench.close("f");
    await expect(jobs.run.work({ target: of, recipe: "int8/row", ...how }, workbench, control)).rejects.toThrow(
      /closed/,
    );
  });

  it("is what results, sweeps and histograms of the target use", async () => {
    const workbench = await bench();
    const known = { ...target, calibration: "c" };
    const report = await jobs.run.work({ target: known, recipe: "int4/32", ...how }, workbench, control);
    expect(report.calibration).toMatchObject({ kind: "synthetic", name: "outliers(tokens=100,seed=1)", tokens: 100 });
    const swept = await jobs.sweep.work(
      { target: known, recipes: ["int4/32", "smooth+int4/32"], ...how, phases: 0 },
      workbench,
      control,
    );
    expect(swept.points[0].metrics!.outputNmse).toBe(report.metrics.outputNmse);
    expect(swept.points[1].error).toBeNull();
    const smooth = { recipe: "smooth+int4/32", ...how, range: null };
    await jobs.entering.work({ target: known, ...smooth }, workbench, control);
    await expect(jobs.entering.work({ target, ...smooth }, workbench, control)).rejects.toThrow("needs a calibration");
    const plain = await jobs.run.work({ target, recipe: "int4/32", ...how }, workbench, control);
    expect(plain.calibration).toBeUndefined();
    const both = await jobs.run.work(
      { target: { ...known, activations: "int8/row" }, recipe: "int4/32", ...how },
      workbench,
      control,
    );
    expect(both.activations).toMatchObject({ recipe: "int8/row", rows: 100 });
  });

  it("of another width is left out, which is said; a recipe that needs it says so, too", async () => {
    const workbench = await bench();
    const file = new File([npyOf(new Float32Array(128).fill(1), [2, 64]).slice().buffer], "X.npy");
    await workbench.open({ kind: "calibration", files: [file], taken: null }, "f", control.signal);
    const other = { ...target, calibration: "f" };
    const why = "X.npy is of inputs with 64 channels, and not used for this tensor of 32";
    const report = await jobs.run.work({ target: other, recipe: "int4/32", ...how }, workbench, control);
    expect(report.notes).toContain(why);
    expect("outputNmse" in report.metrics).toBe(false);
    await expect(
      jobs.run.work({ target: other, recipe: "smooth+int4/32", ...how }, workbench, control),
    ).rejects.toThrow(`(a file of activations, a Gram matrix or an imatrix has some); ${why}`);
  });

  it("that was closed is asked for again", async () => {
    const workbench = await bench();
    await workbench.close("c");
    const request = { target: { ...target, calibration: "c" }, recipe: "int4/32", ...how };
    await expect(jobs.run.work(request, workbench, control)).rejects.toThrow("The calibration was closed.");
  });
});
