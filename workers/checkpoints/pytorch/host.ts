/**
 * The names that a PyTorch pickle may use. Each is a few lines of this program's own. Any other is kept as a name, and what
 * is called by it as an inert object: nothing of it is run. Names with which Python would run programs refuse the file.
 */
import type { PickleBudget } from "./budget.ts";
import { numpyNames } from "./numpy-names.ts";
import type { PickleHost } from "./pickle.ts";
import { plainNames } from "./plain-names.ts";
import { SavedArray, SavedDescr, SavedSubclass } from "./saved.ts";
import { persistentStorage, tensorNames } from "./tensor-names.ts";
import { storageType, torchDtype } from "./torch-types.ts";
import { PickleMistake, PyCallable, PyForeign, PyForeignName, type PyValue } from "./values.ts";

/** A host for the pickles of one file. `foreign` gets the names that are not known. */
export function torchHost(budget: PickleBudget, foreign: Set<string> = new Set()): PickleHost {
  const names = new Map<string, PyValue>([...tensorNames(), ...plainNames(budget), ...numpyNames()]);
  return {
    global(module, name) {
      const known = names.get(`${module}.${name}`) ?? torchType(module, name);
      if (known !== undefined) return known;
      if (module === "builtins" && name === "getattr") return attributeOf;
      const path = `${module}.${name}`.slice(0, MAX_PATH);
      if (runsPrograms(module, name)) throw harm(path);
      if (foreign.size < MAX_FOREIGN) foreign.add(path);
      return new PyForeignName(path);
    },
    build,
    persistent: persistentStorage,
  };
}

/** Element types and storage classes. */
function torchType(module: string, name: string): PyValue | undefined {
  if (module === "torch.storage" && name === "UntypedStorage") return storageType(name);
  if (module === "torch.cuda") return storageType(name);
  if (module === "torch") return storageType(name) ?? torchDtype(name);
  return undefined;
}

/** Only NumPy's arrays need their state. What is set on a dict or a tensor (`_metadata`, names of hooks) is no value. */
function build(object: PyValue, state: PyValue): void {
  if (object instanceof SavedDescr || object instanceof SavedArray) object.setState(state);
  else if (object instanceof PyForeign || object instanceof SavedSubclass) object.items.push(state);
  else if (object instanceof PyCallable) throw new PickleMistake(`it changes ${object.path}`);
}

const harm = (path: string) =>
  new PickleMistake(
    `it asks Python to call ${path}, which no saved tensor needs. Nothing of it is run here; the file may be meant to do harm`,
  );

/** How Python 3 saves members of enumerations: by the name of one of a class. Kept as a name as well, and of nothing else. */
const attributeOf = new PyCallable("builtins.getattr", ([object, attribute]) => {
  if (!(object instanceof PyForeignName) || typeof attribute !== "string" || attribute.startsWith("_"))
    throw harm("builtins.getattr");
  return new PyForeign(`${object.path}.${attribute.slice(0, MAX_PATH)}`);
});

/** Characters of a name that are kept, and names. */
const MAX_PATH = 200;
const MAX_FOREIGN = 10_000;
/** Names that are told one by one. */
const TOLD = 5;

/** Says that objects of these names are kept as names only; empty where there are none. */
export function foreignNotes(file: string, foreign: ReadonlySet<string>, understood: ReadonlySet<string>): string[] {
  const names = [...foreign].filter((name) => !understood.has(name)).sort();
  if (names.length === 0) return [];
  const more = names.length > TOLD ? ` and ${names.length - TOLD} more` : "";
  const told = `${names.slice(0, TOLD).join(", ")}${more}`;
  return [
    `${file}: it holds objects that only Python code of their own brings back (${told}). They are kept as names, and nothing of them is run; tensors in them are listed.`,
  ];
}

/** Modules with which a pickle does more than make objects. */
const POWERFUL = new Set([
  ...["os", "posix", "nt", "sys", "subprocess", "socket", "shutil", "runpy", "importlib", "ctypes", "pty", "code"],
  ...["webbrowser", "urllib", "http", "requests", "builtins", "__builtin__", "pip", "pickle", "_pickle", "asyncio"],
  ...["multiprocessing", "threading", "signal", "commands", "timeit", "pdb", "bdb", "operator"],
]);

function runsPrograms(module: string, name: string): boolean {
  const [outermost] = module.split(".");
  return POWERFUL.has(outermost) || name.includes(".__") || name.startsWith("__");
}
