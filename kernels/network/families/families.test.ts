import { describe, expect, test } from "vitest";
import { goldenModels, readGolden } from "../testing/golden.ts";
import { readArchitecture } from "./index.ts";

const names = goldenModels();

describe.skipIf(names.length === 0)(
  `parts of golden checkpoints${names.length === 0 ? " (their data is absent)" : ""}`,
  () => {
    test.each(names)("%s: every tensor is a part, of the shape in which it is stored", (name) => {
      const { config, tensors } = readGolden(name);
      const architecture = readArchitecture(config);
      const layers = Array.from({ length: architecture.layers }, (_, i) => i);
      const parts = ["ends" as const, ...layers]
        .flatMap((of) => architecture.parts(of))
        .filter((part) => !part.optional);
      expect(parts.map((part) => part.name).sort()).toEqual([...tensors.keys()].sort());
      for (const { name, shape, stored } of parts) {
        const { rows, cols } = tensors.get(name)!;
        const [outputs, inputs] = shape.length === 2 ? shape : [1, shape[0]];
        const turned = stored.transformers!.adapt.some((one) => one.do === "transpose");
        expect([rows, cols], name).toEqual(turned ? [inputs, outputs] : [outputs, inputs]);
      }
    });
  },
);
