/** NumPy's names, for arrays and scalars among the tensors. Their bytes are in the pickle. */
import { SavedArray, SavedDescr } from "./saved.ts";
import { PickleMistake, PyCallable, PyInert, type PyValue, show } from "./values.ts";

export function numpyNames(): [string, PyValue][] {
  const descr = (args: readonly PyValue[]) => {
    if (typeof args[0] !== "string") throw new PickleMistake(`a NumPy dtype is made of ${show(args[0])}`);
    return new SavedDescr(args[0]);
  };
  const fromBuffer = ([bytes, type, shape, order]: readonly PyValue[]) => {
    const array = new SavedArray();
    array.fill(shape, type, order === "F", bytes);
    return array;
  };
  const named: [string, (args: readonly PyValue[]) => PyValue][] = [["numpy.dtype", descr]];
  // NumPy 2 moved its core; files name the place of the version that wrote them.
  for (const core of ["numpy.core", "numpy._core"]) {
    named.push([`${core}.multiarray._reconstruct`, () => new SavedArray()]);
    named.push([`${core}.multiarray.scalar`, () => new PyInert("a NumPy scalar")]);
    named.push([`${core}.numeric._frombuffer`, fromBuffer]);
  }
  return [
    ...named.map(([path, call]): [string, PyValue] => [path, new PyCallable(path, call)]),
    ["numpy.ndarray", new PyInert("numpy.ndarray")],
  ];
}
