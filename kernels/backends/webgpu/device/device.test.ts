import { describe, expect, it } from "vitest";
import { makeAccumulator } from "../../../measure/accumulator.ts";
import { resolveScales } from "../../../scales/resolve.ts";
import { makeStatistics } from "../../../scales/statistics.ts";
import { dawnDevice } from "../../../testing/dawn.ts";
import { planOf } from "../../../testing/matrix.ts";
import { plainValues } from "../../hostile-values.ts";
import { createWebgpuBackend } from "../backend.ts";
import { shaders } from "../wgsl/kernels.ts";
import { ComputeDevice, requestComputeDevice } from "./device.ts";
import { DeviceLostError, GpuError } from "./errors.ts";

const STORAGE = 0x80;

describe("a compute device", () => {
  it("tells a shader's mistake with its message, line and source", async () => {
    const compute = new ComputeDevice(await dawnDevice());
    const failing = compute.pipeline("halves", "fn one() -> u32 {\n  return one_and_a_half;\n}", "main");
    await expect(failing).rejects.toThrow(GpuError);
    await expect(failing).rejects.toThrow(
      "halves, line 2: unresolved value 'one_and_a_half'\n  return one_and_a_half;",
    );
  });

  it("throws what the GPU refuses, and goes on", async () => {
    const compute = new ComputeDevice(await dawnDevice());
    const tooSmall = compute.device.createBuffer({ label: "tiny", size: 16, usage: STORAGE });
    await expect(compute.run([], [], [[tooSmall, 64]])).rejects.toThrow(/^the GPU (failed|refused a command): .*tiny/s);
    const fine = compute.storage("fine", 16);
    expect(await compute.run([[fine, 16]], [], [[fine, 16]])).toEqual([new ArrayBuffer(16)]);
  });

  it("says that there is no adapter", async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    await expect(requestComputeDevice(none)).rejects.toThrow("WebGPU found no GPU that it may use");
  });
});

describe("a backend", () => {
  const plan = planOf("int4/32", 2, 64);
  const values = plainValues(128);
  const tile = { row0: 0, rows: 2, cols: 64, original: values, input: values };
  const scales = resolveScales(plan, makeStatistics(plan));

  it("rejects calls under way and later ones with DeviceLostError when the device goes", async () => {
    const device = await dawnDevice();
    const backend = await createWebgpuBackend(device);
    const pending = backend.quantize(plan, tile, scales, makeAccumulator(plan, 8));
    const caught = expect(pending).rejects.toThrow(DeviceLostError);
    await Promise.resolve();
    device.destroy();
    await caught;
    await expect(backend.encode(plan, tile, scales)).rejects.toThrow(/^the GPU device was lost \(/);
    await expect(createWebgpuBackend(device)).rejects.toThrow(DeviceLostError);
  });

  it("is not made of shaders that do not compile", async () => {
    const wrong = { ...shaders, measure: `${shaders.measure}\nlet` };
    await expect(createWebgpuBackend(dawnDevice, { shaders: wrong })).rejects.toThrow(/^measure, line \d+: /);
  });
});
