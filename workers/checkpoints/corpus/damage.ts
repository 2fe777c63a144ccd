/** For tests: small valid files of every kind, and ways to spoil them. */
import { zipSync } from "fflate";
import { floats, utf8 } from "../bytes-for-test.ts";
import { ggufWithStarts } from "../gguf/write-for-test.ts";
import { graphProto, tensorProto, writeModel } from "../onnx/write-for-test.ts";
import { storage, tensor, writeLegacyForm, writeZipForm } from "../pytorch/write-for-test.ts";
import { writeSafetensors } from "../safetensors/write.ts";

export interface Specimen {
  kind: string;
  /** The file that is spoilt, under the name "f". */
  bytes: Uint8Array;
  /** Files that belong to it. */
  others?: Record<string, Uint8Array>;
  /** Bytes at which a part of it begins. */
  boundaries: number[];
}

const dict = utf8("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n");
export const npyBytes = Uint8Array.of(
  ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, dict.length, 0],
  ...dict,
  ...new Uint8Array(48),
);

const state = {
  dict: [
    ["a.w", tensor(storage("0", 6), [2, 3])],
    ["b", tensor(storage("1", 2), [2])],
  ] as const,
};
const six = floats(1, 2, 3, 4, 5, 6);

const safetensors = writeSafetensors([{ name: "a", dtype: "F32", shape: [2], bytes: floats(1, 2) }], { k: "v" });
const gguf = ggufWithStarts({
  metadata: [
    ["general.name", "string", "fuzz"],
    ["numbers", "array", "int32", [1, 2, 3]],
    ["words", "array", "string", ["a", "b"]],
  ],
  tensors: [
    { name: "a", dims: [2, 2], type: "F32", bytes: floats(1, 2, 3, 4) },
    { name: "b", dims: [32], type: "Q8_0", bytes: new Uint8Array(34).fill(7) },
  ],
});
const branch = graphProto([], [tensorProto("deep", [2], 1, floats(1, 2))]);
const onnx = writeModel(
  graphProto(
    [
      { op: "MatMul", inputs: ["x", "w"], outputs: ["y"] },
      {
        op: "Constant",
        outputs: ["c"],
        attributes: { value: [[5, tensorProto("", [3], 7, [[7, Uint8Array.of(1, 2, 3)]])]] },
      },
      { op: "If", name: "if", attributes: { then_branch: [[6, branch]] } },
    ],
    [tensorProto("w", [2, 3], 1, six)],
  ),
);
const manifest = {
  format: "layers-model",
  modelTopology: {},
  weightsManifest: [
    {
      paths: ["shard"],
      weights: [
        { name: "k", shape: [2, 2], dtype: "float32" },
        { name: "q", shape: [4], dtype: "float32", quantization: { dtype: "uint8", scale: 0.5, min: -1 } },
      ],
    },
  ],
};
const shard = writeSafetensors([{ name: "a", dtype: "F6_E2M3", shape: [4], bytes: Uint8Array.of(1, 2, 3) }]);
const legacy = writeLegacyForm(state, [
  ["0", six],
  ["1", floats(7, 8)],
]);

/** Where the parts of a zip archive begin: each entry's header and content, each entry of the directory, the end. */
function zipBoundaries(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    const signature = view.getUint32(at, true);
    if (signature === 0x04034b50) found.push(at, at + 4, at + 30, at + 30 + view.getUint16(at + 26, true));
    if (signature === 0x02014b50) found.push(at, at + 46);
    if (signature === 0x06054b50) found.push(at, at + 21);
  }
  return found;
}

const archives = {
  "npz, stored": zipSync({ "a.npy": npyBytes, "b.npy": npyBytes }, { level: 0 }),
  "npz, deflated": zipSync({ "a.npy": npyBytes, "b.npy": npyBytes }, { level: 9 }),
  pytorch: writeZipForm(state, { 0: six, 1: floats(7, 8) }, { extra: { byteorder: utf8("little") } }),
  "pytorch, deflated": writeZipForm(state, { 0: six, 1: floats(7, 8) }, { level: 6 }),
};

/** Every fourth byte stands for boundaries in text, where each character is one. */
const everyFourth = (bytes: Uint8Array) => Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => 4 * i);
const every = (bytes: Uint8Array) => Array.from(bytes, (_, i) => i);

export const specimens: readonly Specimen[] = [
  { kind: "safetensors", bytes: safetensors, boundaries: [0, 8, 9, safetensors.length - 8, safetensors.length - 4] },
  { kind: "npy", bytes: npyBytes, boundaries: [0, 6, 7, 8, 10, 10 + dict.length] },
  ...Object.entries(archives).map(([kind, bytes]): Specimen => ({ kind, bytes, boundaries: zipBoundaries(bytes) })),
  { kind: "pytorch, legacy", bytes: legacy, boundaries: every(legacy) },
  { kind: "gguf", bytes: gguf.bytes, boundaries: gguf.starts },
  { kind: "onnx", bytes: onnx, boundaries: every(onnx) },
  withShard("tfjs", utf8(JSON.stringify(manifest)), Uint8Array.of(...floats(1, 2, 3, 4), 0, 1, 2, 3)),
  withShard("index", utf8('{"metadata":{},"weight_map":{"a":"shard"}}'), shard),
  { kind: "text", bytes: utf8("[[1, 2.5], [nan, -1e3]]"), boundaries: [] },
];

function withShard(kind: string, bytes: Uint8Array, shard: Uint8Array): Specimen {
  return { kind, bytes, others: { shard }, boundaries: everyFourth(bytes) };
}
