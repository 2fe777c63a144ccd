/**
 * Files written by Python's own pickle module with stand-ins for PyTorch's classes, in every protocol that can name
 * storages (protocol 0 cannot).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";

const SCRIPT = `
import collections, io, pickle, struct, sys, types, zipfile
torch = types.ModuleType("torch"); utils = types.ModuleType("torch._utils")
sys.modules["torch"] = torch; sys.modules["torch._utils"] = utils; torch._utils = utils
def named(module, name, make):
    make.__module__ = module.__name__; make.__qualname__ = make.__name__ = name
    setattr(module, name, make); return make
named(torch, "FloatStorage", type("FloatStorage", (), {}))
def rebuild(*args): raise Exception("not called here")
named(utils, "_rebuild_tensor_v2", rebuild)
class Storage:
    def __init__(self, key, values): self.key = key; self.values = values
class Tensor:
    def __init__(self, storage, offset, size, stride): self.args = (storage, offset, size, stride)
    def __reduce__(self): return utils._rebuild_tensor_v2, (*self.args, False, collections.OrderedDict())
class Pickler(pickle._Pickler if sys.argv[4] == "slow" else pickle.Pickler):
    def persistent_id(self, o):
        if not isinstance(o, Storage): return None
        return ("storage", torch.FloatStorage, o.key, "cpu", len(o.values), *extra)
form, protocol, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
extra = () if form == "zip" else (None,)
a = Storage("0", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
state = collections.OrderedDict([("fc.weight", Tensor(a, 0, (2, 3), (3, 1))), ("fc.t", Tensor(a, 0, (3, 2), (1, 3)))])
state._metadata = collections.OrderedDict([("", {"version": 1})])
whole = {"model": state, "epoch": 3, "lr": 0.125, "big": 1 << 70, "neg": -(1 << 40), "text": "h\\u00e9llo \\u4f60\\n'quoted'",
  "none": None, "yes": True, "set": {1, 2}, "frozen": frozenset([1]), "bytes": b"\\x00\\xff", "array": bytearray(b"ab"), "list": [state["fc.weight"]] * 2,
  "counter": collections.Counter("aab"), "default": collections.defaultdict(list, {"k": [1]}), "tuple": (1, 2, 3, 4), "long": "x" * 300}
def dump(o):
    f = io.BytesIO(); Pickler(f, protocol).dump(o); return f.getvalue()
raw = struct.pack("<6f", *a.values)
if form == "zip":
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("m/data.pkl", dump(whole)); z.writestr("m/data/0", raw); z.writestr("m/version", "3")
else:
    with open(path, "wb") as f:
        for o in (0x1950a86a20f9469cfc6c, 1001, {"little_endian": True}, whole, ["0"]): f.write(dump(o))
        f.write(struct.pack("<q", 6) + raw)
`;

const python = spawnSync("python3", ["-c", "import pickle, zipfile"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "quantscope-pickle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(form: string, protocol: number, pickler: string): Uint8Array {
  const path = join(folder, `${form}${protocol}${pickler}`);
  const { status, stderr } = spawnSync("python3", ["-c", SCRIPT, form, String(protocol), path, pickler], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return new Uint8Array(readFileSync(path));
}

describe.skipIf(!python)(`pickles of Python's own${python ? "" : ": skipped, there is no python3 here"}`, () => {
  const cases = ["zip", "legacy"].flatMap((form) => [1, 2, 3, 4, 5].map((protocol) => [form, protocol] as const));
  test.each(cases)("%s form, protocol %i", async (form, protocol) => {
    const { info, tensor } = await openBytes({ f: written(form, protocol, protocol % 2 === 0 ? "slow" : "fast") });
    expect(info).toMatchObject({ kind: "pytorch", notes: [] });
    const values: Record<string, number[]> = {};
    for (const { name, elements } of info.tensors) values[name] = [...(await tensor(name).read(0, elements))];
    const weight = [1, 2, 3, 4, 5, 6];
    expect(values).toEqual({
      "model.fc.weight": weight,
      "model.fc.t": [1, 4, 2, 5, 3, 6],
      "list.0": weight,
      "list.1": weight,
    });
    expect(info.metadata).toEqual({
      ...{ epoch: "3", lr: "0.125", big: String(2n ** 70n), neg: String(-(2 ** 40)) },
      ...{ text: "héllo 你\n'quoted'", yes: "true", long: "x".repeat(300) },
    });
  });

  test("os.system as Python pickles it", async () => {
    const path = join(folder, "system");
    const script = `
import os, pickle, sys, zipfile
class Evil:
    def __reduce__(self): return os.system, ("touch " + sys.argv[1] + ".ran",)
with zipfile.ZipFile(sys.argv[1], "w") as z: z.writestr("m/data.pkl", pickle.dumps({"w": Evil()}))`;
    expect(spawnSync("python3", ["-c", script, path]).status).toBe(0);
    expect(await refusal({ "model.pt": new Uint8Array(readFileSync(path)) })).toMatch(
      /^model\.pt\/m\/data\.pkl: the pickle cannot be read: it asks Python to call (posix|nt)\.system, which no saved tensor needs\. Nothing of it is run here; the file may be meant to do harm \(at byte \d+\)\.$/,
    );
    expect(() => readFileSync(`${path}.ran`)).toThrow();
  });
});
