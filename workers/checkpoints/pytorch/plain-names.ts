/** Names of Python itself that hold data: dicts of several kinds, and things without meaning for tensors. */
import type { PickleBudget } from "./budget.ts";
import { asItems, PickleMistake, PyCallable, PyDict, PyInert, type PyValue } from "./values.ts";

/** Objects that carry settings, dates or sets: kept as they are, never looked into. */
const INERT = [
  ...["argparse.Namespace", "types.SimpleNamespace", "datetime.datetime", "datetime.date", "datetime.timedelta"],
  ...["pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "uuid.UUID"],
  ...["pathlib._local.PosixPath", "pathlib._local.WindowsPath", "decimal.Decimal", "fractions.Fraction"],
  ...[
    "set",
    "frozenset",
    "slice",
    "range",
    "complex",
    "bytearray",
    "list",
    "tuple",
    "int",
    "float",
    "bool",
    "str",
  ].flatMap((name) => [`builtins.${name}`, `__builtin__.${name}`]),
];

export function plainNames(budget: PickleBudget): [string, PyValue][] {
  const dictOf = (pairs: PyValue | undefined): PyDict => {
    const dict = new PyDict();
    if (pairs === undefined) return dict;
    const items = pairs instanceof PyDict ? [...pairs.entries] : asItems(pairs, "what a dict is made of");
    budget.objects(items.length);
    for (const item of items) {
      const [key, value] = Array.isArray(item) ? item : asItems(item, "an item of a dict");
      if (key === undefined || value === undefined) throw new PickleMistake("an item of a dict is no pair");
      dict.entries.set(key, value);
    }
    return dict;
  };
  const callable = (path: string, call: (args: readonly PyValue[]) => PyValue): [string, PyValue] => [
    path,
    new PyCallable(path, call),
  ];
  return [
    callable("collections.OrderedDict", ([pairs]) => dictOf(pairs)),
    callable("builtins.dict", ([pairs]) => dictOf(pairs)),
    callable("__builtin__.dict", ([pairs]) => dictOf(pairs)),
    callable("collections.Counter", ([pairs]) => dictOf(pairs)),
    // Its first argument makes the values of absent keys, of which a saved one has none.
    callable("collections.defaultdict", ([, pairs]) => dictOf(pairs)),
    // How protocols below 3 write bytes: as text whose characters are the bytes.
    callable("_codecs.encode", ([text, encoding]) => {
      if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1"))
        throw new PickleMistake("_codecs.encode is called for other than bytes as latin1 text");
      budget.bytes(text.length);
      const bytes = new Uint8Array(text.length);
      for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
      return bytes;
    }),
    ...INERT.map((path) => callable(path, () => new PyInert(`an object of ${path}`))),
  ];
}
