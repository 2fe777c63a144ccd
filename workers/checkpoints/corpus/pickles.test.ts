/** Pickles that are damaged, cost too much, or would do harm in Python. */
import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats } from "../bytes-for-test.ts";
import { pickled, storage, tensor, writeLegacyForm, writeZipForm } from "../pytorch/write-for-test.ts";

/** A pickle written as the characters of its bytes. */
const raw = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const zip = (pickle: string | Uint8Array) =>
  writeZipForm(null, { 0: floats(1, 2) }, { pickle: typeof pickle === "string" ? raw(pickle) : pickle });
/** The sentence, less what all of them have around it. */
async function mistake(pickle: string | Uint8Array): Promise<string> {
  const message = await refusal({ f: zip(pickle) });
  const inner = /^f\/archive\/data\.pkl: the pickle cannot be read: (.*) \(at byte \d+\)\.$/s.exec(message);
  return inner ? inner[1] : message;
}
const repeat = (text: string, count: number) => text.repeat(count);

describe("what would run programs in Python is refused by name, and nothing is run", () => {
  const calls: [string, string, string][] = [
    ["os.system", "cos\nsystem\n(X\x02\0\0\0lstR.", "os.system"],
    ["posix.system", "\x80\x02cposix\nsystem\nX\x02\0\0\0ls\x85R.", "posix.system"],
    ["builtins.eval", "\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.", "builtins.eval"],
    ["builtins.exec by INST", "(X\x01\0\0\0xibuiltins\nexec\n.", "builtins.exec"],
    ["__builtin__.getattr", "\x80\x02c__builtin__\ngetattr\n.", "__builtin__.getattr"],
    ["subprocess.Popen", "\x80\x02csubprocess\nPopen\n(]X\x02\0\0\0lsatR.", "subprocess.Popen"],
    [
      "a name with dots",
      "\x80\x04\x8c\x0btorch._util\x8c\x14x.__globals__.system\x93.",
      "torch._util.x.__globals__.system",
    ],
    ["runpy", "\x80\x02crunpy\n_run_code\n.", "runpy._run_code"],
    ["a class in sys", "\x80\x02csys\nModuleType\n.", "sys.ModuleType"],
  ];
  test.each(calls)("%s", async (_, pickle, name) => {
    const sentence = `it asks Python to call ${name}, which no saved tensor needs. Nothing of it is run here; the file may be meant to do harm`;
    expect(await mistake(pickle)).toBe(sentence);
    const legacy = [...writeLegacyForm(null, [])];
    // The object is the fourth of the five pickles: None in 4 bytes before the list of keys.
    const keys = pickled([]);
    const at = legacy.length - keys.length - 4;
    const bytes = Uint8Array.from([...legacy.slice(0, at), ...raw(pickle), ...keys]);
    expect(await refusal({ f: bytes })).toContain(sentence);
  });

  /** What is said of names that are kept as such, in a file that has no tensors. */
  const kept = (...names: string[]) =>
    `f: it holds objects that only Python code of their own brings back (${names.join(", ")}). They are kept as names, and nothing of them is run; tensors in them are listed.`;
  test("objects of other classes are kept as their names, and nothing of them is run", async () => {
    for (const [pickle, name] of [
      ["\x80\x02ctorch.nn.modules.linear\nLinear\n)\x81}b.", "torch.nn.modules.linear.Linear"],
      ["\x80\x02c__main__\nNet\n)\x81.", "__main__.Net"],
      ["\x80\x02cenum\nKind\nX\x01\0\0\0a\x85R.", "enum.Kind"],
    ]) {
      const { info } = await openBytes({ f: zip(pickle) });
      expect(info.tensors).toEqual([]);
      expect(info.notes).toEqual(["f has no tensors in it.", kept(name)]);
    }
  });
  test("so are functions that build something else", async () => {
    for (const name of [
      "torch.load",
      "torch.storage._load_from_bytes",
      "torch.hub.load",
      "numpy.load",
      "torch._utils._rebuild_wrapper",
    ]) {
      const dot = name.lastIndexOf(".");
      const { info } = await openBytes({
        f: zip(`\x80\x02c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n(X\x01\0\0\0xtR.`),
      });
      expect(info.notes).toEqual(["f has no tensors in it.", kept(name)]);
    }
  });
  test("members of enumerations, and nothing else, are found by name", async () => {
    const pickle = "\x80\x02cbuiltins\ngetattr\nclib.kinds\nKind\nX\x03\0\0\0ONE\x86R.";
    expect((await openBytes({ f: zip(pickle) })).info.notes).toEqual([
      "f has no tensors in it.",
      kept("lib.kinds.Kind"),
    ]);
    for (const wrong of [
      "\x80\x02cbuiltins\ngetattr\nclib.kinds\nKind\nX\x09\0\0\0__class__\x86R.",
      "\x80\x02cbuiltins\ngetattr\nctorch\nSize\nX\x03\0\0\0ONE\x86R.",
    ])
      expect(await mistake(wrong)).toContain("it asks Python to call builtins.getattr, which no saved tensor needs");
  });
  test("names that JavaScript knows mean nothing", async () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      if (name.startsWith("__")) {
        expect(await mistake(`\x80\x02ctorch\n${name}\n.`)).toMatch(/^it asks Python to call torch\./);
      } else {
        const { info } = await openBytes({ f: zip(`\x80\x02ctorch\n${name}\n.`) });
        expect(info.notes).toEqual(["f has no tensors in it.", kept(`torch.${name}`)]);
      }
    }
    const proto = { dict: [["__proto__", { dict: [["w", tensor(storage("0", 2), [2])]] }]] as const };
    const { info } = await openBytes({ f: writeZipForm(proto, { 0: floats(1, 2) }) });
    expect(info.tensors.map((t) => t.name)).toEqual(["__proto__.w"]);
    expect(({} as Record<string, unknown>).w).toBeUndefined();
  });
  test("TorchScript", async () => {
    expect(await refusal({ f: writeZipForm(null, {}, { extra: { "constants.pkl": raw(").") } }) })).toBe(
      'f is a TorchScript program (torch.jit.save), whose tensors are parts of its code. Save them alone: torch.save(torch.jit.load(path).state_dict(), "weights.pt").',
    );
  });
});

describe("damage", () => {
  test.each<[string, string, string]>([
    ["an unknown opcode", "\x80\x02\xff.", "there is no opcode 0xff"],
    ["a protocol to come", "\x80\x06N.", "its protocol is 6; 0 to 5 are read"],
    ["nothing on the stack", ".", "its stack is empty"],
    ["a pop too many", "N00.", "its stack is empty"],
    ["a mark in between", "N(\x85.", "its stack is empty"],
    ["no mark", "Nt.", "there is no mark on its stack"],
    ["a value not remembered", "h\x05.", "it recalls value 5, which it has not remembered"],
    ["a memo number of text", "Npx\n.", "the number of a remembered value is not one"],
    ["a key without a value", "}(Nu.", "a key of a dict has no value"],
    ["appending to a number", "K\x01Na.", "it appends to 1"],
    ["items of a list", "]NNs.", "it sets items of a list"],
    ["calling a number", "K\x01)R.", "it calls 1"],
    ["arguments that are none", "ccollections\nOrderedDict\nNR.", "it calls collections.OrderedDict with None"],
    ["an integer of words", "Ifive\n.", '"five" is no integer'],
    ["a string without quotes", "Sabc\n.", "a string is not in quotes"],
    ["a global of numbers", "K\x01K\x02\x93.", "a global is named by 1 and 2"],
    ["an extension", "\x82\x01.", "it names a class by a number that only the program that wrote it knows"],
    ["outer buffers", "\x97.", "it needs buffers that were saved outside of it"],
    ["state for a function", "ccollections\nOrderedDict\nNb.", "it changes collections.OrderedDict"],
    ["a nameless storage", "NQ.", "the name of a storage is not a tuple: None"],
    ["a storage of no class", "(X\x07\0\0\0storageNX\x01\0\0\x000NNtQ.", "a storage is of the class None"],
    [
      "bytes in another encoding",
      "c_codecs\nencode\n(X\x01\0\0\0xX\x05\0\0\0ascii\x74R.",
      "_codecs.encode is called for other than bytes as latin1 text",
    ],
    ["a tensor of nothing", "ctorch._utils\n_rebuild_tensor_v2\n)R.", "a tensor is made of missing, not of a storage"],
    [
      "a parameter of nothing",
      "ctorch._utils\n_rebuild_parameter\n)R.",
      "torch._utils._rebuild_parameter is called with 0 arguments, which are too few",
    ],
  ])("%s", async (_, pickle, sentence) => {
    expect(await mistake(pickle)).toBe(sentence);
  });

  const state = { dict: [["w", tensor(storage("0", 2), [2])]] as const };
  test("cut off before any byte, in both forms", async () => {
    const whole = pickled(state);
    for (let length = 0; length < whole.length; length++) {
      expect(await refusal({ f: zip(whole.slice(0, length)) })).toMatch(
        /^f\/archive\/data\.pkl: the pickle needs \d+ bytes? at byte \d+, but there are \d+ left\. It was cut off, or a length in it is wrong\.$/,
      );
    }
    const legacy = writeLegacyForm(state, [["0", floats(1, 2)]]);
    const storages = legacy.length - 16;
    for (let length = 20; length < storages; length++) {
      expect(await refusal({ f: legacy.slice(0, length) })).toMatch(
        /^f: the pickle needs \d+ bytes? at byte \d+, but there are \d+ left\./,
      );
    }
  });
  test.each([
    ["text", "\x80\x02X\xff\xff\xff\xff."],
    ["long text", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f."],
    ["bytes", "\x80\x04\x8e\0\0\0\0\0\0\x20\0."],
    ["an integer", "\x80\x02\x8b\xff\xff\xff\x7f."],
  ])("a length that lies: %s", async (_, pickle) => {
    expect(await refusal({ f: zip(pickle) })).toMatch(
      /^f\/archive\/data\.pkl: the pickle needs .+ at byte \d+, but there are 1 left\./,
    );
  });
});

describe("tensors beyond their storage", () => {
  const open = async (shape: number[], stride: number[], offset = 0, count = 2) =>
    (
      await openBytes({
        f: writeZipForm({ dict: [["w", tensor(storage("0", count), shape, stride, offset)]] }, { 0: floats(1, 2) }),
      })
    ).info.tensors[0].problem;
  test.each<[number[], number[], number, string]>([
    [[3], [1], 0, "of shape [3] and strides [1] from element 0 needs 12 bytes of storage 0, which has 8"],
    [[2], [1], 1, "of shape [2] and strides [1] from element 1 needs 12 bytes of storage 0, which has 8"],
    [[2, 2], [2, 1], 0, "of shape [2, 2] and strides [2, 1] from element 0 needs 16 bytes of storage 0, which has 8"],
    [
      [2],
      [2 ** 52],
      0,
      `of shape [2] and strides [${2 ** 52}] from element 0 needs ${4 * (2 ** 52 + 1)} bytes of storage 0, which has 8`,
    ],
    [[2 ** 30, 2 ** 30], [0, 0], 0, `has more elements than can be counted: shape [${2 ** 30}, ${2 ** 30}]`],
  ])("%j %j", async (shape, stride, offset, problem) => {
    expect(await open(shape, stride, offset)).toBe(`f: tensor "w" ${problem}.`);
  });
  test("a storage that is shorter than it says, or missing", async () => {
    expect(await open([2], [1], 0, 9)).toBe(
      'f: tensor "w" is in storage 0, which should have 36 bytes but has 8. The file was cut off or is damaged.',
    );
    const missing = await openBytes({
      f: writeZipForm({ dict: [["w", tensor(storage("7", 2), [2])]] }, { 0: floats(1, 2) }),
    });
    expect(missing.info.tensors[0].problem).toBe(
      "f: there is no archive/data/7 in the archive. It was cut off or is damaged.",
    );
  });
  test("repetitions take no memory before they are asked for, and are refused beyond a limit", async () => {
    const { info, tensor: of } = await openBytes({
      f: writeZipForm({ dict: [["w", tensor(storage("0", 2), [2 ** 40], [0])]] }, { 0: floats(1, 2) }),
    });
    expect(info.tensors[0].problem).toBeUndefined();
    await expect(of("w").read(0, 4)).rejects.toThrow(
      `w repeats 1 elements to ${2 ** 40}; the limit is ${2 ** 30}. Save it with tensor.contiguous().`,
    );
  });
  test.each<[string, string]>([
    ["a negative size", "J\xff\xff\xff\xff\x85"],
    ["a size of 2^63", "\x8a\x09\0\0\0\0\0\0\0\x80\0\x85"],
    ["a size of text", "X\x01\0\0\0x\x85"],
  ])("%s", async (_, size) => {
    const made = `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x02tQK\0${size}K\x01\x85\x89NtR.`;
    expect(await mistake(made)).toMatch(/^a tensor's shape is not a number that can be counted: /);
  });
});

describe("too much of everything", () => {
  test.each<[string, string, RegExp | string]>([
    ["values that wait", repeat("N", 1_000_002), "more than 1000000 values wait on its stack, the limit"],
    ["objects", `(${repeat("}0", 2_000_001)}.`, "it makes more than 2000000 objects, the limit"],
    ["marks", repeat("(", 2_000_001), "it makes more than 2000000 objects, the limit"],
    [
      "an integer of 2,000 bits",
      `\x8b\x01\x01\0\0${repeat("\x7f", 257)}.`,
      "an integer takes 257 bytes; the limit is 256",
    ],
    ["digits", `I${repeat("9", 5000)}\n.`, /^"9{60}" is no integer$/],
    [
      "dimensions",
      `\x80\x02ctorch._utils\n_rebuild_meta_tensor_no_storage\n(N(${repeat("K\x01", 65)}tttR.`.replace("tttR", "ttR"),
      "a shape has 65 dimensions; the limit is 64",
    ],
    // The same megabyte of text made into bytes again and again.
    [
      "copies",
      `\x80\x02X\0\0\x10\0${repeat("x", 2 ** 20)}q\x000c_codecs\nencode\nq\x010${repeat("h\x01h\0X\x06\0\0\0latin1\x86R0", 70)}N.`,
      "it makes more than 67 MB of bytes, the limit",
    ],
  ])("%s", async (_, pickle, sentence) => {
    const message = await mistake(pickle);
    if (typeof sentence === "string") expect(message).toBe(sentence);
    else expect(message).toMatch(sentence);
  });

  test("a list that contains itself", async () => {
    expect(await mistake("]q\0h\0a.")).toBe('f: its pickle has a dict or list that contains itself, at "0".');
    expect(await mistake("}q\0X\x01\0\0\0ah\0s.")).toBe(
      'f: its pickle has a dict or list that contains itself, at "a".',
    );
  });
  test("lists in lists", async () => {
    expect(await mistake(`${repeat("]", 100)}${repeat("a", 99)}.`)).toBe(
      "f: its pickle has dicts and lists nested deeper than 64 levels.",
    );
  });
  test("lists that share lists: 2^60 ways in 600 bytes", async () => {
    // Each list holds the one before it twice.
    let pickle = "]q\0";
    for (let i = 1; i < 60; i++)
      pickle += `0](h${String.fromCharCode(i - 1)}h${String.fromCharCode(i - 1)}eq${String.fromCharCode(i)}`;
    expect(await mistake(`${pickle}.`)).toBe("f: its pickle has more than 2000000 values.");
  });
  test("a name without end", async () => {
    const file = writeZipForm({ dict: [["n".repeat(2000), tensor(storage("0", 2), [2])]] }, { 0: floats(1, 2) });
    expect(await refusal({ f: file })).toBe("f: its pickle has a name of 2000 characters; the limit is 1024.");
  });
});
