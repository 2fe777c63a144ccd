import { expect, it } from "vitest";
import type { SourceInfo } from "../../workers/sources/info.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { LargeTensors, largeTensor, SAMPLE_VALUES } from "./large.ts";

const tensor = (elements: number, bytes = 0): TensorInfo => ({
  name: `t${elements}`,
  dtype: "F32",
  shape: [elements],
  elements,
  view: { split: 0, transpose: false },
  ...(bytes > 0 && { bytes: { file: "f", begin: 8, end: 8 + bytes } }),
});
const info = (address?: string) => ({ id: "s1", address }) as SourceInfo;

it("ordinary tensors need no question; large ones and long ways over a network do", () => {
  expect(largeTensor(info(), tensor(2 ** 27, 2 ** 29))).toBeNull();
  expect(largeTensor(info(), tensor(2 ** 27 + 1))).toMatchObject({
    bytes: null,
    again: true,
    host: null,
  });
  expect(largeTensor(info("https://x.org/f"), tensor(2 ** 27, 2 ** 28))).toBeNull();
  expect(largeTensor(info("https://x.org/f"), tensor(2 ** 27, 2 ** 28 + 1))).toMatchObject({
    bytes: 2 ** 28 + 1,
    again: false,
    host: "x.org",
  });
});

it("nothing is shown before it is decided, and a tensor is asked about once", () => {
  const large = new LargeTensors();
  const [one, two] = [tensor(2 ** 28), tensor(2 ** 29)];
  expect(large.extentOf(info(), tensor(4))).toBe("whole");
  expect(large.extentOf(info(), one)).toBe("nothing");
  expect(large.store.getState().asked?.tensor).toBe(one);
  expect([large.sampleFor(info(), tensor(4)), large.sampleFor(info(), one)]).toEqual([undefined, SAMPLE_VALUES]);
  large.decide("sample");
  expect(large.store.getState().asked).toBeNull();
  expect(large.extentOf(info(), one)).toBe("sample");
  expect(large.extentOf(info(), two)).toBe("nothing");
  large.decide("whole");
  expect(large.sampleFor(info(), two)).toBeUndefined();
  expect(large.extentOf(info(), tensor(2 ** 30))).toBe("nothing");
  // Another tensor is chosen meanwhile: the question goes with the one it was about.
  expect(large.extentOf(info(), tensor(4))).toBe("whole");
  expect(large.store.getState().asked).toBeNull();
});

it("a sample that a link shows needs no question, and the person's own decision goes before it", () => {
  const large = new LargeTensors();
  const one = tensor(2 ** 28);
  expect(large.extentOf(info(), one, true)).toBe("sample");
  expect(large.store.getState().asked).toBeNull();
  expect(large.extentOf(info(), tensor(4), true)).toBe("whole");
  large.extentOf(info(), one);
  large.decide("whole");
  expect(large.extentOf(info(), one, true)).toBe("whole");
});

it("who wanted nothing is asked again when asking for it", () => {
  const large = new LargeTensors();
  const one = tensor(2 ** 28);
  large.extentOf(info(), one);
  large.decide("nothing");
  expect([large.extentOf(info(), one), large.store.getState().asked]).toEqual(["nothing", null]);
  large.reconsider();
  large.extentOf(info(), one);
  expect(large.store.getState().asked?.tensor).toBe(one);
});
