import { zipSync } from "fflate";
import { utf8 } from "../bytes-for-test.ts";

/** For tests: what to pickle. Plain values, or one of the marked forms below. */
export type Py =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Py[]
  | { dict: readonly (readonly [Py, Py])[] }
  | { tuple: readonly Py[] }
  | { global: string }
  | { call: string; args: readonly Py[]; state?: Py }
  | { persistent: Py };

/** For tests: a pickle of protocol 2, as torch.save writes them; without a memo. */
export function pickled(value: Py): Uint8Array {
  const out: number[] = [0x80, 2];
  write(value, out);
  out.push(0x2e);
  return Uint8Array.from(out);
}

function write(value: Py, out: number[]): void {
  if (value === null) out.push(0x4e);
  else if (typeof value === "boolean") out.push(value ? 0x88 : 0x89);
  else if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
    out.push(0x4a, ...field(4, (v) => v.setInt32(0, value, true)));
  } else if (typeof value === "number" && !Number.isInteger(value)) {
    out.push(0x47, ...field(8, (v) => v.setFloat64(0, value)));
  } else if (typeof value === "number" || typeof value === "bigint") {
    const integer = BigInt(value);
    let width = 1;
    while (BigInt.asIntN(8 * width, integer) !== integer) width++;
    out.push(0x8a, width);
    for (let i = 0; i < width; i++) out.push(Number((integer >> BigInt(8 * i)) & 255n));
  } else if (typeof value === "string") text(value, out);
  else if (value instanceof Uint8Array)
    out.push(0x42, ...field(4, (v) => v.setUint32(0, value.length, true)), ...value);
  else if (Array.isArray(value)) {
    out.push(0x5d, 0x28);
    for (const item of value) write(item, out);
    out.push(0x65);
  } else if ("dict" in value) {
    out.push(0x7d, 0x28);
    for (const pair of value.dict) for (const part of pair) write(part, out);
    out.push(0x75);
  } else if ("tuple" in value) {
    out.push(0x28);
    for (const item of value.tuple) write(item, out);
    out.push(0x74);
  } else if ("global" in value) global(value.global, out);
  else if ("call" in value) {
    global(value.call, out);
    write({ tuple: value.args }, out);
    out.push(0x52);
    if (value.state === undefined) return;
    write(value.state, out);
    out.push(0x62);
  } else {
    write(value.persistent, out);
    out.push(0x51);
  }
}

function text(value: string, out: number[]): void {
  const bytes = utf8(value);
  out.push(0x58, ...field(4, (v) => v.setUint32(0, bytes.length, true)), ...bytes);
}

function global(path: string, out: number[]): void {
  const dot = path.lastIndexOf(".");
  out.push(0x63, ...utf8(`${path.slice(0, dot)}\n${path.slice(dot + 1)}\n`));
}

function field(width: number, set: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(width));
  set(view);
  return new Uint8Array(view.buffer);
}

/** For tests: how a pickle names a storage. */
export function storage(key: string, count: number, type = "torch.FloatStorage", view?: Py): Py {
  const tuple: Py[] = ["storage", { global: type }, key, "cpu", count];
  return { persistent: { tuple: view === undefined ? tuple : [...tuple, view] } };
}

/** For tests: a tensor over a storage, row-major unless strides are given. */
export function tensor(of: Py, shape: readonly number[], stride?: readonly number[], offset = 0): Py {
  const rowMajor = shape.map((_, d) => shape.slice(d + 1).reduce((product, size) => product * size, 1));
  const args: Py[] = [of, offset, { tuple: shape }, { tuple: stride ?? rowMajor }, false];
  return { call: "torch._utils._rebuild_tensor_v2", args: [...args, { call: "collections.OrderedDict", args: [] }] };
}

/** For tests: a file as torch.save writes it, with its storages by key and other entries. */
export function writeZipForm(
  value: Py,
  storages: Record<string, Uint8Array>,
  { extra = {}, level = 0 as 0 | 6, pickle = pickled(value) } = {} as {
    extra?: Record<string, Uint8Array>;
    level?: 0 | 6;
    pickle?: Uint8Array;
  },
): Uint8Array {
  const data = Object.entries(storages).map(([key, bytes]) => [`archive/data/${key}`, bytes]);
  const others = Object.entries(extra).map(([name, bytes]) => [`archive/${name}`, bytes]);
  const files = Object.fromEntries([
    ["archive/data.pkl", pickle],
    ...others,
    ...data,
    ["archive/version", utf8("3\n")],
  ]);
  return zipSync(files, { level });
}

const MAGIC = 0x1950a86a20f9469cfc6cn;

/** For tests: a file of PyTorch before 1.6. Storages are float32 unless their bytes an element are given. */
export function writeLegacyForm(value: Py, storages: [key: string, bytes: Uint8Array, width?: number][]): Uint8Array {
  const system: Py = {
    dict: [
      ["protocol_version", 1001],
      ["little_endian", true],
    ],
  };
  const parts = [MAGIC, 1001, system, value, storages.map(([key]) => key)].map(pickled);
  for (const [, bytes, width = 4] of storages) {
    parts.push(
      field(8, (v) => v.setBigUint64(0, BigInt(bytes.length / width), true)),
      bytes,
    );
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
