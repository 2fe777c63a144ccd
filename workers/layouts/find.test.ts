import { expect, test } from "vitest";
import { memorySource } from "../bytes/byte-source.ts";
import { findDtype } from "../tensors/decode.ts";
import { defaultView, storedTensor } from "../tensors/tensor.ts";
import { noConfig } from "./config.ts";
import { findQuantized } from "./find.ts";

const source = memorySource("f", new Uint8Array());
const tensor = (name: string, dtype: string, side: number) =>
  storedTensor(
    { name, dtype, shape: [side, side], elements: side * side, view: defaultView([side, side]) },
    { source, dtype: findDtype(dtype)!, begin: 0, littleEndian: true },
  );
const many = Array.from({ length: 20_000 }, (_, i) => [
  tensor(`l.${i}.weight`, "F8_E4M3", 512),
  tensor(`l.${i}.weight_scale_inv`, "F32", 4),
]).flat();

test("many weights are found, and a cancel that comes meanwhile is seen", async () => {
  expect((await findQuantized(many, noConfig, {})).tensors).toHaveLength(20_000);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 1);
  await expect(findQuantized(many, noConfig, {}, abort.signal)).rejects.toMatchObject({ name: "AbortError" });
});
