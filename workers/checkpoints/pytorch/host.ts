/**
 * The names that a PyTorch pickle may use. Each is a few lines of this program's own; a name that is not here refuses the
 * file, whatever Python would have done with it.
 */
import type { PickleBudget } from "./budget.ts";
import { numpyNames } from "./numpy-names.ts";
import type { PickleHost } from "./pickle.ts";
import { plainNames } from "./plain-names.ts";
import { SavedArray, SavedDescr } from "./saved.ts";
import { persistentStorage, tensorNames } from "./tensor-names.ts";
import { storageType, torchDtype } from "./torch-types.ts";
import { PickleMistake, PyCallable, type PyValue } from "./values.ts";

/** A host for the pickles of one file. */
export function torchHost(budget: PickleBudget): PickleHost {
  const names = new Map<string, PyValue>([...tensorNames(), ...plainNames(budget), ...numpyNames()]);
  return {
    global(module, name) {
      const known = names.get(`${module}.${name}`) ?? torchType(module, name);
      if (known !== undefined) return known;
      throw new PickleMistake(refusal(module, name));
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
  else if (object instanceof PyCallable) throw new PickleMistake(`it changes ${object.path}`);
}

const INSTEAD = `Save the tensors alone: torch.save(model.state_dict(), "weights.pt")`;

/** Why a name is not allowed, for whoever wrote the file or got it from somebody. */
function refusal(module: string, name: string): string {
  const path = `${module}.${name}`.slice(0, 200);
  if (runsPrograms(module, name)) {
    return `it asks Python to call ${path}, which no saved tensor needs. Nothing of it is run here; the file may be meant to do harm`;
  }
  if (/^_*[A-Z]/.test(name.split(".").pop() ?? "")) {
    return `it holds an object of the class ${path}, which only its own Python code can bring back, and none is run here. ${INSTEAD}`;
  }
  return `it asks Python to call ${path}, which is not among the functions that build tensors. Nothing of it is run here. ${INSTEAD}`;
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
