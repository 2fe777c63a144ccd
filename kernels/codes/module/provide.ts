import { RecipeError } from "../../grammar/errors.ts";
import type { Matrix } from "../../steps/step.ts";
import type { ModuleAnswer } from "./run.ts";

/** What runs modules, on a thread of their own. This floor starts none and keeps no files: whoever calls it provides both. */
export interface Modules {
  /**
   * Runs the module of this name (`sha256_...`) on a matrix; `pace` is called now and then and may reject, which ends the module. Rejects
   * with RecipeError where it is not there, or does not do as it should.
   */
  run(digest: string, matrix: Matrix, pace: () => Promise<void>): Promise<ModuleAnswer>;
}

let provided: (() => Promise<Modules>) | null = null;

/** Says who runs modules. `null` takes it back. */
export function provideModules(modules: (() => Promise<Modules>) | null): void {
  provided = modules;
}

/** Throws RecipeError where modules are not run. */
export async function providedModules(): Promise<Modules> {
  if (!provided) throw new RecipeError("modules of the reader's are not run here");
  return provided();
}

/** How a module is called in messages: by the beginning of its name. */
export const moduleName = (digest: string): string =>
  `the module ${digest.slice("sha256_".length, "sha256_".length + 8)}`;
