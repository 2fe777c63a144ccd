import { checkModule } from "../../kernels/codes/module/run.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { UserError } from "../errors/user-error.ts";
import { digestOf, MOST_MODULE_BYTES } from "./names.ts";
import { keepModule } from "./store.ts";

/** Keeps a module in this browser and gives its name. Rejects with UserError where it is none, or where nothing is kept. */
export async function keepOwn(bytes: Uint8Array): Promise<string> {
  if (bytes.length > MOST_MODULE_BYTES) {
    throw new UserError(`a module has ${MOST_MODULE_BYTES} bytes at most, and this has ${bytes.length}.`);
  }
  try {
    checkModule(bytes);
  } catch (error) {
    if (error instanceof RecipeError) throw new UserError(`${error.message}.`);
    throw error;
  }
  const digest = digestOf(bytes);
  try {
    await keepModule(digest, bytes);
  } catch {
    throw new UserError("this browser keeps no files for this page, so that no worker can run the module.");
  }
  return digest;
}
