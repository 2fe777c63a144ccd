import { describe, expect, it } from "vitest";
import { dawnDevice } from "../../../testing/dawn.ts";
import { ComputeDevice } from "../device/device.ts";
import { neighboursOf, traitsOf } from "./traits.ts";

describe("threads that are neighbours in a subgroup", () => {
  it.each([
    // As on NVIDIA's GPUs; Intel's, whose compiler chooses for each kernel; Qualcomm's.
    ["all that the probe asks for", 0, 32, 32],
    ["no more than every kernel has", 0, 8, 8],
    ["no more than the lean kernels join", 0, 64, 32],
    ["none where they lie otherwise", 0b11111, 32, 1],
    ["as far as they lie side by side", 0b10100, 32, 4],
    ["none where nothing is known of them", 0, 1, 1],
  ])("are %s", (_, apart, least, threads) => {
    expect(neighboursOf(apart, least)).toBe(threads);
  });

  it("are those that a device has", async () => {
    const compute = new ComputeDevice(await dawnDevice());
    const { subgroupMinSize } = compute.device.adapterInfo;
    const { subgroup } = await traitsOf(compute, (text) => text);
    expect(subgroup).toBe(Math.min(32, subgroupMinSize!));
    const apart = (text: string) => text.replace("2u * step > size", "2u * step > 2u");
    expect((await traitsOf(compute, apart)).subgroup).toBe(Math.min(2, subgroup));
  });
});
