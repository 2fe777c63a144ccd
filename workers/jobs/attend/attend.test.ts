/** The job on a workbench: a file's queries, keys and values, by name, with mistakes told of the part that they are in. */
import { expect, it } from "vitest";
import { normalValues } from "../../../kernels/testing/matrix.ts";
import { standardBackends } from "../../backends/standard.ts";
import { writeSafetensors } from "../../checkpoints/safetensors/write.ts";
import { npyBytes } from "../../export/npy-header.ts";
import { Workbench } from "../../workbench/workbench.ts";
import { type AttendRequest, attend } from "./index.ts";

const signal = new AbortController().signal;
const control = { signal, progress: () => {}, give: () => {} };
const view = { split: 1, transpose: false };

it("finds the three by name, and gives what recipes do to their outputs", async () => {
  const workbench = new Workbench({ backends: standardBackends(null) });
  const tensor = (name: string, cols: number, seed: number) => ({
    ...{ name, dtype: "F32", shape: [32, cols], bytes: npyBytes("<f4", normalValues(32 * cols, seed)) },
  });
  const bytes = writeSafetensors([tensor("l.queries", 64, 1), tensor("l.keys", 32, 2), tensor("l.values", 32, 3)]);
  const file = new File([bytes], "triple.safetensors");
  await workbench.open({ kind: "files", files: [file] }, "s1", signal);
  const request = (recipes: AttendRequest["recipes"]): AttendRequest => ({
    target: { source: "s1", tensor: "l.keys", view },
    tensors: {
      queries: { name: "l.queries", view },
      keys: { name: "l.keys", view },
      values: { name: "l.values", view },
    },
    ...{ recipes, definitions: [], heads: 4, keyHeads: 2, causal: true, scale: null },
  });
  const report = await attend.work(request({ keys: "int4(asym)/col" }), workbench, control);
  expect(report).toMatchObject({ recipes: { keys: "int4(asym)/col" }, tokens: 32, keyTokens: 32 });
  expect(report.byHead).toHaveLength(4);
  expect(report.figures.outputNmse).toBeGreaterThan(0);
  expect(report.figures.outputNmse).toBeLessThan(0.1);
  const nothing = await attend.work(request({}), workbench, control);
  expect(nothing.figures).toMatchObject({ outputNmse: 0, probabilityKl: 0 });
  await expect(attend.work(request({ keys: "int4", values: "int4/5x5@" }), workbench, control)).rejects.toThrow(
    /^values: /,
  );
});
